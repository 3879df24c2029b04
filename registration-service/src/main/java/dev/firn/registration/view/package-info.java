/// The one writer of each view: queue of registrations, record, refresh.
@NullMarked
package dev.firn.registration.view;

import org.jspecify.annotations.NullMarked;
