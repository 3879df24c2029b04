@NullMarked
package dev.firn.retrieval.commit;

import org.jspecify.annotations.NullMarked;
