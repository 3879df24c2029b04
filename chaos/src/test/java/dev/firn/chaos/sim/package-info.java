/// A deterministic simulation of how workers take requests to their answers. `Baton` lets one thread run at a
/// time and draws who runs next; `SimulatedStore` loses, delays and reorders; `SimulatedHistory` is one run
/// and its checks.
@NullMarked
package dev.firn.chaos.sim;

import org.jspecify.annotations.NullMarked;
