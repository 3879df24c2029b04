/// Commands for retrievals and standing retrievals.
@NullMarked
package dev.firn.cli.retrieval;

import org.jspecify.annotations.NullMarked;
