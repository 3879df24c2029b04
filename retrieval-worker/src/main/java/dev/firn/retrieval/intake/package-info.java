/// From Kafka into slots: the consumer groups, their offsets, and the slots in which requests run.
@NullMarked
package dev.firn.retrieval.intake;

import org.jspecify.annotations.NullMarked;
