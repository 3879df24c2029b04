/// The events that the gateway sends and follows.
@NullMarked
package dev.firn.gateway.kafka;

import org.jspecify.annotations.NullMarked;
