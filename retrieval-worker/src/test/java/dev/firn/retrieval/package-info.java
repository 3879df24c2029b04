@NullMarked
package dev.firn.retrieval;

import org.jspecify.annotations.NullMarked;
