/// Commands that start, stop and show the embedded stack and Firn's services on this machine.
@NullMarked
package dev.firn.cli.stack;

import org.jspecify.annotations.NullMarked;
