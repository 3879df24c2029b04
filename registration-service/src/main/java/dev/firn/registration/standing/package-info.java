/// The one writer and coordinator of each standing retrieval.
@NullMarked
package dev.firn.registration.standing;

import org.jspecify.annotations.NullMarked;
