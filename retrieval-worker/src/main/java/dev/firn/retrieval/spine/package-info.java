/// The rows that features are asked for, from wherever they come, as typed columns.
@NullMarked
package dev.firn.retrieval.spine;

import org.jspecify.annotations.NullMarked;
