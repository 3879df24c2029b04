@NullMarked
package dev.firn.engine;

import org.jspecify.annotations.NullMarked;
