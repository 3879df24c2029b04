/// What every Firn service does: start, wait for its neighbours, report its health and stop.
@NullMarked
package dev.firn.service;

import org.jspecify.annotations.NullMarked;
