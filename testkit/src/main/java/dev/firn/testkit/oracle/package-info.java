/// Naive reference implementations to compare the real ones with. They use only the JDK and share no code with what
/// they check.
@NullMarked
package dev.firn.testkit.oracle;

import org.jspecify.annotations.NullMarked;
