@NullMarked
package dev.firn.lake.columns;

import org.jspecify.annotations.NullMarked;
