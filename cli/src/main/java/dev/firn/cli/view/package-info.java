/// Commands for feature views.
@NullMarked
package dev.firn.cli.view;

import org.jspecify.annotations.NullMarked;
