@NullMarked
package dev.firn.retrieval.job.changes;

import org.jspecify.annotations.NullMarked;
