@NullMarked
package dev.firn.retrieval.intake;

import org.jspecify.annotations.NullMarked;
