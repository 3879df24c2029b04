/// Columns and the point-in-time join. Knows nothing of files, tables or topics, and needs only the JDK.
///
/// Arrays passed to a constructor or factory belong to the new object: they are not copied, and the caller must not
/// change them afterwards. [FeatureBatch] is the exception.
@NullMarked
package dev.firn.engine;

import org.jspecify.annotations.NullMarked;
