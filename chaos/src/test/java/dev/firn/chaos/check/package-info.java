/// What a run promised and whether it kept it: a history of requests and answers, and the checks on it.
@NullMarked
package dev.firn.chaos.check;

import org.jspecify.annotations.NullMarked;
