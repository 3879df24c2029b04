@NullMarked
package dev.firn.retrieval.spine;

import org.jspecify.annotations.NullMarked;
