/// What every call shares: routes, bodies, problems, limits, event streams.
@NullMarked
package dev.firn.gateway.http;

import org.jspecify.annotations.NullMarked;
