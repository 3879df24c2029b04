/// What Firn thinks of a table or a file.
@org.jspecify.annotations.NullMarked
package dev.firn.cli.inspect;
