/// The `firn` command: everything a person or a script does with Firn, by events, against any cluster or the embedded
/// stack of this machine.
@NullMarked
package dev.firn.cli;

import org.jspecify.annotations.NullMarked;
