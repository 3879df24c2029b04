/// The registry: a Kafka Streams topology that registers views, watches their tables and runs standing retrievals.
@NullMarked
package dev.firn.registration;

import org.jspecify.annotations.NullMarked;
