/// Every setting of Firn in one typed, validated, documented place.
@NullMarked
package dev.firn.config;

import org.jspecify.annotations.NullMarked;
