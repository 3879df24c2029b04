/// Retrievals: ask, follow, read the result.
@NullMarked
package dev.firn.gateway.retrieval;

import org.jspecify.annotations.NullMarked;
