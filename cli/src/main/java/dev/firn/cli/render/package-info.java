/// What people and programs see of a command: lines, tables, JSON, progress.
@NullMarked
package dev.firn.cli.render;

import org.jspecify.annotations.NullMarked;
