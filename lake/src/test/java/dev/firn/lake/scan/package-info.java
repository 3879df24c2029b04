@NullMarked
package dev.firn.lake.scan;

import org.jspecify.annotations.NullMarked;
