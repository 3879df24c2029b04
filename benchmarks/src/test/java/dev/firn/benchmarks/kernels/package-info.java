@NullMarked
package dev.firn.benchmarks.kernels;

import org.jspecify.annotations.NullMarked;
