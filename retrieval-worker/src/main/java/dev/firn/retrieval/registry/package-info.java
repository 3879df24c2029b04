/// The registry of views as a worker follows it.
@NullMarked
package dev.firn.retrieval.registry;

import org.jspecify.annotations.NullMarked;
