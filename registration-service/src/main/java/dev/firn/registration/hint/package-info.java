/// Hints of other systems that a table has changed: topics, formats, and the way to the task that watches the
/// table.
@NullMarked
package dev.firn.registration.hint;

import org.jspecify.annotations.NullMarked;
