/// What a registration must satisfy, asked of Trino and of the Iceberg catalog.
@NullMarked
package dev.firn.registration.validation;

import org.jspecify.annotations.NullMarked;
