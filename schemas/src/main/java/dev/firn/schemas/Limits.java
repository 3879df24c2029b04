package dev.firn.schemas;

import java.time.Duration;

/// How much of anything fits into an event, a header or a wait. What a person can run into is named in the docs.
public final class Limits {
    /// Largest value of a record, encoded: any event of any topic.
    public static final int EVENT_BYTES = 900 * 1024;

    /// `max.message.bytes` of topics of events: the largest event with its headers and its batch.
    public static final int MESSAGE_BYTES = 1024 * 1024;

    /// `max.message.bytes` of dead letters: whatever came in, even out of a compressed batch, with its coordinates.
    public static final int DEAD_LETTER_MESSAGE_BYTES = 2 * 1024 * 1024;

    /// Largest feature view, encoded. Less than an event, since an answer, a run and a manifest carry views
    /// beside other things.
    public static final int VIEW_BYTES = 512 * 1024;

    /// Largest definition of a standing retrieval, encoded, its inline rows not counted: each run carries it
    /// beside the pins of its views.
    public static final int STANDING_BYTES = 256 * 1024;

    /// Most views, counted by alias, that a standing retrieval reads.
    public static final int STANDING_VIEWS = 64;

    /// Largest spine that comes inline, counted as UTF-8 of its values and column names.
    public static final int INLINE_SPINE_BYTES = 512 * 1024;

    /// Most rows of a spine that comes inline.
    public static final int INLINE_SPINE_ROWS = 10_000;

    /// Most files that a result event names; its manifest names all.
    public static final int RESULT_FILES = 100;

    /// Longest request id or standing id.
    public static final int ID_LENGTH = 127;

    /// Longest name of a view, feature, entity or alias.
    public static final int IDENTIFIER_LENGTH = 127;

    /// Most headers copied from a request to its result.
    public static final int COPIED_HEADERS = 32;

    /// Longest name of a copied header.
    public static final int HEADER_NAME_LENGTH = 128;

    /// Largest value of a copied header.
    public static final int HEADER_VALUE_BYTES = 1024;

    /// Largest sum of names and values of copied headers.
    public static final int COPIED_HEADERS_BYTES = 8 * 1024;

    /// Longest reason in a dead letter's header.
    public static final int DEAD_LETTER_REASON_LENGTH = 512;

    /// How often a call to the schema registry is tried before it counts as away; each try asks every address.
    static final int REGISTRY_ATTEMPTS = 3;

    /// First pause between two tries; it doubles.
    static final Duration REGISTRY_RETRY_PAUSE = Duration.ofMillis(100);

    /// Longest pause between two tries.
    static final Duration REGISTRY_RETRY_PAUSE_MAX = Duration.ofSeconds(2);

    /// Longest wait for a connection to the schema registry.
    static final Duration REGISTRY_CONNECT_TIMEOUT = Duration.ofSeconds(2);

    /// Longest wait for an answer of the schema registry.
    static final Duration REGISTRY_READ_TIMEOUT = Duration.ofSeconds(5);

    /// Deepest nesting of values that is decoded.
    static final int VALUE_DEPTH = 64;

    /// Deepest chain of schema references that is followed.
    static final int REFERENCE_DEPTH = 8;

    private Limits() {}
}
