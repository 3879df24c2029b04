/// The values of the winning rows: gathered, counted against the memory budget, and spilled when they do not fit.
@NullMarked
package dev.firn.retrieval.job.values;

import org.jspecify.annotations.NullMarked;
