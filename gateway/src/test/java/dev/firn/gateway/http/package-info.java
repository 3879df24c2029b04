@NullMarked
package dev.firn.gateway.http;

import org.jspecify.annotations.NullMarked;
