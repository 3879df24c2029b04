/// The gateway: Firn over HTTP. It sends the events that any producer sends, and reads the answers that anyone
/// can read.
@NullMarked
package dev.firn.gateway;

import org.jspecify.annotations.NullMarked;
