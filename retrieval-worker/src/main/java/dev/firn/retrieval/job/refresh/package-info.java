/// What a run of a standing retrieval leaves behind for the next one, and how that is read.
@NullMarked
package dev.firn.retrieval.job.refresh;

import org.jspecify.annotations.NullMarked;
