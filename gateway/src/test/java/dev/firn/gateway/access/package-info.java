@NullMarked
package dev.firn.gateway.access;

import org.jspecify.annotations.NullMarked;
