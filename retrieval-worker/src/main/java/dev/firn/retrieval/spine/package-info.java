/// The spine's rows as typed columns: inline, CSV, Parquet, or an Iceberg table.
@NullMarked
package dev.firn.retrieval.spine;

import org.jspecify.annotations.NullMarked;
