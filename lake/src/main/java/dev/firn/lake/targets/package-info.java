/// Tables that Firn writes: the results of retrievals, as Iceberg tables. Nothing else in Firn writes a table.
@NullMarked
package dev.firn.lake.targets;

import org.jspecify.annotations.NullMarked;
