@NullMarked
package dev.firn.gateway.page;

import org.jspecify.annotations.NullMarked;
