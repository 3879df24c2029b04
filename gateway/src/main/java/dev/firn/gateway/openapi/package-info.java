/// The description of the API, made from its routes and the events' schemas.
@NullMarked
package dev.firn.gateway.openapi;

import org.jspecify.annotations.NullMarked;
