/// From a request to its announced answer: attempts, retries, events.
@NullMarked
package dev.firn.retrieval.answer;

import org.jspecify.annotations.NullMarked;
