/// Columns and the point-in-time join. Knows neither files, tables nor topics: the JDK is all it needs.
///
/// Arrays that are handed over belong to the receiver: they are not copied, and nobody changes them afterwards.
@NullMarked
package dev.firn.engine;

import org.jspecify.annotations.NullMarked;
