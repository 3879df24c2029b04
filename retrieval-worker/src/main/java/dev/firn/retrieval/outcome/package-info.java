/// The outcome of a request in the object store: claims, attempts, the manifest.
@NullMarked
package dev.firn.retrieval.outcome;

import org.jspecify.annotations.NullMarked;
