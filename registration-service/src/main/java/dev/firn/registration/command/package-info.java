/// What the processors tell each other over the internal topics.
@NullMarked
package dev.firn.registration.command;

import org.jspecify.annotations.NullMarked;
