/// Commands for feature views.
@NullMarked
package dev.firn.cli.feast;

import org.jspecify.annotations.NullMarked;
