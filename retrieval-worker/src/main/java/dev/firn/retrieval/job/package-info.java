/// One retrieval from its request to its files: what is asked, what is pinned, the join, the output. Knows no
/// Kafka.
@NullMarked
package dev.firn.retrieval.job;

import org.jspecify.annotations.NullMarked;
