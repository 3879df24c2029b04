/// Turns bytes on the input topics into commands: decoding, dead letters, routing.
@NullMarked
package dev.firn.registration.input;

import org.jspecify.annotations.NullMarked;
