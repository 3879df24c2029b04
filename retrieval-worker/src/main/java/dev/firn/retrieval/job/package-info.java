/// One retrieval from its request to its files: check, pin, join, write. Does not know Kafka.
@NullMarked
package dev.firn.retrieval.job;

import org.jspecify.annotations.NullMarked;
