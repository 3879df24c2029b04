/// How state and internal commands are stored, and under which names.
@NullMarked
package dev.firn.registration.state;

import org.jspecify.annotations.NullMarked;
