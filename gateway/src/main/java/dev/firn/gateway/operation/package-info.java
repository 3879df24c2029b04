/// What operators look at: commits and dead letters; and table hints.
@NullMarked
package dev.firn.gateway.operation;

import org.jspecify.annotations.NullMarked;
