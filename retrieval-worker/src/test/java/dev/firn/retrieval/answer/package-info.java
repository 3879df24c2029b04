@NullMarked
package dev.firn.retrieval.answer;

import org.jspecify.annotations.NullMarked;
