package dev.firn.registration.standing;

import dev.firn.events.Spine;

/// Keeps inline spines of standing retrievals, so that runs name a location instead of carrying the rows. Blocks while
/// it writes; thread-safe.
@FunctionalInterface
public interface SpineStore {
    /// @return the spine without rows, with the location that holds them. The same rows go to the same place.
    /// @throws dev.firn.lake.LakeOutage when the store cannot be reached
    Spine stored(String standingId, Spine inline);
}
