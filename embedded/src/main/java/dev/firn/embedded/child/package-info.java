/// Code that runs inside a child process. It uses only the JDK because it shares the class path of the part.
@NullMarked
package dev.firn.embedded.child;

import org.jspecify.annotations.NullMarked;
