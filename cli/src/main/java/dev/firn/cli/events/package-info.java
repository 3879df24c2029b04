/// Reading and sending events, and the commands that show topics as they are.
@NullMarked
package dev.firn.cli.events;

import org.jspecify.annotations.NullMarked;
