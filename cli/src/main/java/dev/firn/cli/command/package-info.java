/// What all commands share: context, connection, exit codes and failures.
@NullMarked
package dev.firn.cli.command;

import org.jspecify.annotations.NullMarked;
