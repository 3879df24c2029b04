/// How commands print: lines, tables, JSON and progress.
@NullMarked
package dev.firn.cli.render;

import org.jspecify.annotations.NullMarked;
