/// What a Firn service is: how it starts, waits, reports its health and stops, and what it opens on the way.
@NullMarked
package dev.firn.service;

import org.jspecify.annotations.NullMarked;
