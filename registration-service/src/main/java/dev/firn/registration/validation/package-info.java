/// Checks registrations against Trino and the Iceberg catalog.
@NullMarked
package dev.firn.registration.validation;

import org.jspecify.annotations.NullMarked;
