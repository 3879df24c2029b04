@NullMarked
package dev.firn.lake.catalog;

import org.jspecify.annotations.NullMarked;
