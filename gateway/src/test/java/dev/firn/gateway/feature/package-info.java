@NullMarked
package dev.firn.gateway.feature;

import org.jspecify.annotations.NullMarked;
