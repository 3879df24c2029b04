/// How state and internal commands are written, and the names they are kept under.
@NullMarked
package dev.firn.registration.state;

import org.jspecify.annotations.NullMarked;
