@NullMarked
package dev.firn.lake;

import org.jspecify.annotations.NullMarked;
