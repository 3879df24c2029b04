/// Pages for people: views, retrievals, results, standing retrievals, dead letters.
@NullMarked
package dev.firn.gateway.page;

import org.jspecify.annotations.NullMarked;
