@NullMarked
package dev.firn.retrieval.job.values;

import org.jspecify.annotations.NullMarked;
