/// The one writer of each view: its queue of registrations, its record, its refresh.
@NullMarked
package dev.firn.registration.view;

import org.jspecify.annotations.NullMarked;
