/// The worker's copy of the registry of views.
@NullMarked
package dev.firn.retrieval.registry;

import org.jspecify.annotations.NullMarked;
