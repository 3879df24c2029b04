/// Iceberg catalogs, tables at a snapshot, what a commit did, and how a view's columns fit a schema.
@NullMarked
package dev.firn.lake.catalog;

import org.jspecify.annotations.NullMarked;
