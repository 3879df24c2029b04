/// `firn demo`.
@NullMarked
package dev.firn.cli.demo;

import org.jspecify.annotations.NullMarked;
