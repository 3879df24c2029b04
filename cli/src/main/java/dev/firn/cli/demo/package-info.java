/// `firn demo`: the steps, their tables and views, and the comparison with Trino.
@NullMarked
package dev.firn.cli.demo;

import org.jspecify.annotations.NullMarked;
