/// Columns of tables' files, unpacked on the local disk: written once, mapped, and read at memory speed.
@NullMarked
package dev.firn.lake.columns;

import org.jspecify.annotations.NullMarked;
