/// Naive references that the real thing is compared with. JDK only, and no line shared with what they judge.
@NullMarked
package dev.firn.testkit.oracle;

import org.jspecify.annotations.NullMarked;
