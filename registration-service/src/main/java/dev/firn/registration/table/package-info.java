/// The watcher of each table.
@NullMarked
package dev.firn.registration.table;

import org.jspecify.annotations.NullMarked;
