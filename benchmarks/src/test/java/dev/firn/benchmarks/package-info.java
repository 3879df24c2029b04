@NullMarked
package dev.firn.benchmarks;

import org.jspecify.annotations.NullMarked;
