/// Benchmarks of the inner loops alone. Each kernel has a twin test that compares its result with plain code.
@NullMarked
package dev.firn.benchmarks.kernels;

import org.jspecify.annotations.NullMarked;
