package dev.firn.chaos.store;

import org.jspecify.annotations.Nullable;

/// A PUT or DELETE as the store executed it.
///
/// @param key bucket and key
/// @param conditional whether it had `If-None-Match: *`
/// @param status what the store said
/// @param fault what happened to the request or its answer; null for nothing
/// @param bytes the size of its body
public record StoreWrite(
        String method,
        String key,
        boolean conditional,
        int status,
        @Nullable StoreFault fault,
        long bytes) {
    public boolean isApplied() {
        return status / 100 == 2;
    }

    @Override
    public String toString() {
        return "%s%s %s: %d%s"
                .formatted(
                        method, conditional ? " if absent" : "", key, status, fault == null ? "" : " (" + fault + ")");
    }
}
