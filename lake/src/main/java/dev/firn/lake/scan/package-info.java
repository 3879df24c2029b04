/// Reading an Iceberg table at one snapshot: what to read, deletes applied, skipping that never changes a result.
@NullMarked
package dev.firn.lake.scan;

import org.jspecify.annotations.NullMarked;
