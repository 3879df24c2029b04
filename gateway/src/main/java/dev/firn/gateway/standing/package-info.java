/// Standing retrievals.
@NullMarked
package dev.firn.gateway.standing;

import org.jspecify.annotations.NullMarked;
