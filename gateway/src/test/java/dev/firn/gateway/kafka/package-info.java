@NullMarked
package dev.firn.gateway.kafka;

import org.jspecify.annotations.NullMarked;
