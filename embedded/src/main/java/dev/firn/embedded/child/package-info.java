/// What runs inside a child process. JDK only: it shares a class path with parts that bring jars of their own.
@NullMarked
package dev.firn.embedded.child;

import org.jspecify.annotations.NullMarked;
