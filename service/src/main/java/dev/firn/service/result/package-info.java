/// The layout of results on the object store, and the manifest that decides an outcome.
@NullMarked
package dev.firn.service.result;

import org.jspecify.annotations.NullMarked;
