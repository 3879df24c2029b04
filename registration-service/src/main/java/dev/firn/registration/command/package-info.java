/// The commands that processors send each other over the internal topics.
@NullMarked
package dev.firn.registration.command;

import org.jspecify.annotations.NullMarked;
