/// Work off the stream threads: pools, mailboxes, due times, processors that may restart.
@NullMarked
package dev.firn.registration.async;

import org.jspecify.annotations.NullMarked;
