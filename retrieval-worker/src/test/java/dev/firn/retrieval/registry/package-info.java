@NullMarked
package dev.firn.retrieval.registry;

import org.jspecify.annotations.NullMarked;
