package dev.firn.schemas;

import java.time.Duration;

/// Sizes, numbers and waits that are bounded. The docs name those that users can run into.
public final class Limits {
    /// Largest value of a record, encoded: any event of any topic.
    public static final int EVENT_BYTES = 900 * 1024;

    /// `max.message.bytes` of topics of events: the largest event with its headers and batch.
    public static final int MESSAGE_BYTES = 1024 * 1024;

    /// `max.message.bytes` of dead letters: any record, even from a compressed batch, with its coordinates.
    public static final int DEAD_LETTER_MESSAGE_BYTES = 2 * 1024 * 1024;

    /// Largest feature view, encoded. Smaller than an event, since answers, runs and manifests hold views among other
    /// things.
    public static final int VIEW_BYTES = 512 * 1024;

    /// Largest definition of a standing retrieval, encoded without its inline rows: each run holds it and the pins of
    /// its views.
    public static final int STANDING_BYTES = 256 * 1024;

    /// Most views, counted by alias, that a standing retrieval may read.
    public static final int STANDING_VIEWS = 64;

    /// Largest inline spine, counted as the UTF-8 bytes of its values and column names.
    public static final int INLINE_SPINE_BYTES = 512 * 1024;

    /// Most rows of an inline spine.
    public static final int INLINE_SPINE_ROWS = 10_000;

    /// Most files that a result event lists; its manifest lists all.
    public static final int RESULT_FILES = 100;

    /// Most violations of a retrieval that are listed; further ones are dropped.
    public static final int VIOLATIONS = 100;

    /// Longest request id or standing id.
    public static final int ID_LENGTH = 127;

    /// Longest name of a view, feature, entity or alias.
    public static final int IDENTIFIER_LENGTH = 127;

    /// Longest `catalog.schema.table` that a view may read: three names of 254 characters.
    public static final int TABLE_NAME_LENGTH = 3 * 2 * IDENTIFIER_LENGTH + 2;

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

    /// Attempts of a call to the schema registry before it counts as unavailable; each attempt tries every address.
    static final int REGISTRY_ATTEMPTS = 3;

    /// Pause after the first attempt; it doubles with each one.
    static final Duration REGISTRY_RETRY_PAUSE = Duration.ofMillis(100);

    /// Longest pause between two attempts.
    static final Duration REGISTRY_RETRY_PAUSE_MAX = Duration.ofSeconds(2);

    /// Longest wait for a connection to the schema registry.
    static final Duration REGISTRY_CONNECT_TIMEOUT = Duration.ofSeconds(2);

    /// Longest wait for an answer from the schema registry.
    static final Duration REGISTRY_READ_TIMEOUT = Duration.ofSeconds(5);

    /// Longest answer of the schema registry: any schema with its references.
    static final int REGISTRY_ANSWER_BYTES = 8 * 1024 * 1024;

    /// Deepest nesting of values in an event.
    static final int VALUE_DEPTH = 64;

    /// Longest chain of schema references.
    static final int REFERENCE_DEPTH = 8;

    private Limits() {}
}
