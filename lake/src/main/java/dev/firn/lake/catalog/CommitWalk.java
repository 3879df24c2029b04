package dev.firn.lake.catalog;

import org.jspecify.annotations.Nullable;

/// Tells what happened to a table's ref since an earlier look, by walking its ancestry.
public final class CommitWalk {
    private CommitWalk() {}

    /// The state of a ref at the first look. `REF_NOT_FOUND` for a branch or tag that is not there.
    public static TableState state(LakeTable now, @Nullable String ref) {
        throw new UnsupportedOperationException("lands next: " + now.name() + ref);
    }

    /// What happened since `before`. `REF_NOT_FOUND` for a branch or tag that is not there any more.
    public static TableChange between(LakeTable now, @Nullable String ref, TableState before) {
        throw new UnsupportedOperationException("lands next: " + now.name() + ref + before);
    }
}
