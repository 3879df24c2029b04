/// The retrieval worker: takes requests from Kafka, runs them in slots, decides and announces their outcomes.
@NullMarked
package dev.firn.retrieval;

import org.jspecify.annotations.NullMarked;
