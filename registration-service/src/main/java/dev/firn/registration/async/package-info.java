/// Work off the stream threads: pool, mailbox, due times, and processors that can restart.
@NullMarked
package dev.firn.registration.async;

import org.jspecify.annotations.NullMarked;
