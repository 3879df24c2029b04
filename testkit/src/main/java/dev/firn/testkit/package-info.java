/// Fixtures for the tests of every module: the real parts, tables as text, waiting for conditions, rules of the house.
@NullMarked
package dev.firn.testkit;

import org.jspecify.annotations.NullMarked;
