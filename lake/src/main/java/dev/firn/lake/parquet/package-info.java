/// Parquet files as columns: decoding, row groups and pages, and writing results.
@NullMarked
package dev.firn.lake.parquet;

import org.jspecify.annotations.NullMarked;
