/// What a run of a standing retrieval changed in the result before it.
@NullMarked
package dev.firn.retrieval.job.changes;

import org.jspecify.annotations.NullMarked;
