@NullMarked
package dev.firn.lake.targets;

import org.jspecify.annotations.NullMarked;
