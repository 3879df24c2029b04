/// The kinds of spine, decoded once from the event.
@NullMarked
package dev.firn.service.spine;

import org.jspecify.annotations.NullMarked;
