/// Fixtures for the tests of every module: the real services, tables as text, waiting for conditions, and the
/// architecture rules.
@NullMarked
package dev.firn.testkit;

import org.jspecify.annotations.NullMarked;
