@NullMarked
package dev.firn.lake.storage;

import org.jspecify.annotations.NullMarked;
