/// Firn and its peers on the same files, in turn, each in a process of its own.
@NullMarked
package dev.firn.benchmarks;

import org.jspecify.annotations.NullMarked;
