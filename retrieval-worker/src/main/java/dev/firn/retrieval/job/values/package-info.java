/// The values of the winning rows: gathered, counted against the memory budget, spilled.
@NullMarked
package dev.firn.retrieval.job.values;

import org.jspecify.annotations.NullMarked;
