package dev.firn.retrieval.job;

/// The stable codes of refused and failed retrievals. A code once released keeps its meaning; what the lake
/// refuses comes with the lake's own codes.
public enum Code {
    /// The request id is not `[A-Za-z0-9][A-Za-z0-9._-]{0,126}`; no folder can be named by it.
    INVALID_REQUEST_ID,
    /// The id was answered already, for another request.
    REQUEST_ID_REUSED,
    /// The request had its last attempt; the message tells how that one ended.
    ATTEMPTS_EXHAUSTED,
    /// The bytes of the record are no retrieval request.
    UNDECODABLE_REQUEST,
    /// The request asks for no feature.
    NO_FEATURES,
    /// A feature is not written as `view:feature` or `view:*`.
    INVALID_FEATURE_REFERENCE,
    /// An alias is no identifier, or holds `__`.
    INVALID_ALIAS,
    /// Two uses of views go by one name.
    DUPLICATE_ALIAS,
    /// A use of a view that no feature refers to.
    VIEW_NOT_USED,
    UNKNOWN_VIEW,
    UNKNOWN_FEATURE,
    UNKNOWN_ENTITY,
    VIEW_DROPPED,
    VIEW_BROKEN,
    /// Two output columns by one name, compared without case.
    COLUMN_COLLISION,
    /// `filter_by_created` on a view without a created timestamp.
    CREATED_REQUIRED,
    /// A spine column cannot be compared with a join key.
    KEY_TYPE_MISMATCH,
    /// The views of a spine of all entities have other keys.
    ENTITIES_DIFFER,
    SPINE_KIND_UNKNOWN,
    /// A field of the spine that its kind needs is missing.
    SPINE_INCOMPLETE,
    SPINE_KEY_MISSING,
    SPINE_TIMESTAMP_MISSING,
    SPINE_TIMESTAMP_TYPE,
    SPINE_COLUMN_NOT_FOUND,
    SPINE_COLUMN_TYPE,
    /// A text value of the spine is not of its column's type.
    SPINE_VALUE_INVALID,
    /// Files of one spine have other columns.
    SPINE_FILES_DIFFER,
    SPINE_UNREADABLE,
    SPINE_CHANGED,
    SPINE_TOO_LARGE,
    /// A zone is not in IANA's list.
    INVALID_ZONE,
    /// More views, features or columns than allowed.
    LIMIT_EXCEEDED,
    /// The pins do not fit the request, or two of them were given.
    PINS_INVALID,
    /// Two ways to choose a snapshot were given for one view.
    SNAPSHOT_CONFLICT,
    /// The request's memory cannot be had, however small its slices are cut.
    OUT_OF_BUDGET
}
