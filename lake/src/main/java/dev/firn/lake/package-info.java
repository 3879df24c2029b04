/// Iceberg tables and their stores: names, access rules, and the two kinds of failure.
@NullMarked
package dev.firn.lake;

import org.jspecify.annotations.NullMarked;
