/// What every command stands on: its context, its connection, exit codes, failures.
@NullMarked
package dev.firn.cli.command;

import org.jspecify.annotations.NullMarked;
