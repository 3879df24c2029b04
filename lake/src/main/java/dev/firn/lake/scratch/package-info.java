/// Temporary files on the local disk: a folder per process, with a quota.
@NullMarked
package dev.firn.lake.scratch;

import org.jspecify.annotations.NullMarked;
