/// Feature views: register, read, drop.
@NullMarked
package dev.firn.gateway.feature;

import org.jspecify.annotations.NullMarked;
