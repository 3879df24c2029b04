package dev.firn.registration.hint;

/// What became of a record of a topic with hints. A label of a meter: names never change.
enum HintOutcome {
    /// It names tables.
    HEARD,
    /// It is about something else.
    IGNORED,
    /// It is not what its topic's format says.
    UNDECODABLE,
    /// It is longer than what is parsed.
    TOO_LARGE,
    /// It was not read, because too many were waiting.
    SKIPPED
}
