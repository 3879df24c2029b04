/// The fault suite: the services as processes of their own on a real stack, what happens to them, and the
/// report.
@NullMarked
package dev.firn.chaos.run;

import org.jspecify.annotations.NullMarked;
