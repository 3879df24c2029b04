/// Errors as RFC 9457 has them.
@NullMarked
package dev.firn.gateway.problem;

import org.jspecify.annotations.NullMarked;
