/// What the registration service counts.
@NullMarked
package dev.firn.registration.meter;

import org.jspecify.annotations.NullMarked;
