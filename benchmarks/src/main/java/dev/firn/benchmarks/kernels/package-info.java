/// The inner loops alone. Each kernel has a twin test that compares what it computes with plain code.
@NullMarked
package dev.firn.benchmarks.kernels;

import org.jspecify.annotations.NullMarked;
