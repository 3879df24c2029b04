@NullMarked
package dev.firn.lake.parquet;

import org.jspecify.annotations.NullMarked;
