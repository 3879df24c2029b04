/// The commit of a result to its target table, which belongs to announcing it.
@NullMarked
package dev.firn.retrieval.commit;

import org.jspecify.annotations.NullMarked;
