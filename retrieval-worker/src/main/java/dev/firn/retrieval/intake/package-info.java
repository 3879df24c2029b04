/// From Kafka into slots: the consumer groups, their offsets, and the slots that requests run in.
@NullMarked
package dev.firn.retrieval.intake;

import org.jspecify.annotations.NullMarked;
