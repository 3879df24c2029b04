/// Who a caller is, and what they may do.
@NullMarked
package dev.firn.gateway.access;

import org.jspecify.annotations.NullMarked;
