/// The `firn` command: for people and scripts, against any cluster or the embedded stack on this machine.
@NullMarked
package dev.firn.cli;

import org.jspecify.annotations.NullMarked;
