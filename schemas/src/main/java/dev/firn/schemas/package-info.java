/// The contract between Firn's parts and everybody else: topics, events on the wire, their names and limits.
@NullMarked
package dev.firn.schemas;

import org.jspecify.annotations.NullMarked;
