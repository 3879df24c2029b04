/// The real parts on one machine: broker, schema registry, S3, catalog and Trino, as supervised child processes.
@NullMarked
package dev.firn.embedded;

import org.jspecify.annotations.NullMarked;
