@NullMarked
package dev.firn.lake.scratch;

import org.jspecify.annotations.NullMarked;
