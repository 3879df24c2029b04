/// All settings of Firn: typed, validated and documented in one place.
@NullMarked
package dev.firn.config;

import org.jspecify.annotations.NullMarked;
