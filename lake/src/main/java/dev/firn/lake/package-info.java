/// The lake as Firn sees it: names, locations, guard rails and the two ways in which it can say no.
@NullMarked
package dev.firn.lake;

import org.jspecify.annotations.NullMarked;
