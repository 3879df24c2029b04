/// An S3 server that fails as real ones do.
@NullMarked
package dev.firn.chaos.store;

import org.jspecify.annotations.NullMarked;
