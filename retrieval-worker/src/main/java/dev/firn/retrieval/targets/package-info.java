/// The target table that a request names.
@NullMarked
package dev.firn.retrieval.targets;

import org.jspecify.annotations.NullMarked;
