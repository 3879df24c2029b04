/// Runs Firn and its peers on the same files, one after the other, each in its own process.
@NullMarked
package dev.firn.benchmarks;

import org.jspecify.annotations.NullMarked;
