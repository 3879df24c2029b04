@NullMarked
package dev.firn.retrieval.job;

import org.jspecify.annotations.NullMarked;
