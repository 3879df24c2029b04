/// Reads and sends events. Commands that show topics and their records.
@NullMarked
package dev.firn.cli.events;

import org.jspecify.annotations.NullMarked;
