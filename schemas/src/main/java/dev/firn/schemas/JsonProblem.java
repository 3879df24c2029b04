package dev.firn.schemas;

import java.util.Optional;

/// One thing that is wrong with a JSON body.
///
/// @param path where: `features[1].dtype`; empty for the whole body
/// @param suggestion the nearest name that would be right, for a misspelt one
public record JsonProblem(Code code, String path, String message, Optional<String> suggestion) {
    /// What is wrong.
    public enum Code {
        /// Not JSON, or not one JSON object.
        MALFORMED_JSON,
        /// The event has no such field.
        UNKNOWN_FIELD,
        /// The field has no default and must be given.
        MISSING_FIELD,
        /// A value of another type.
        WRONG_TYPE,
        /// A number outside the type's range.
        OUT_OF_RANGE,
        /// Not one of the names the field takes.
        UNKNOWN_NAME,
        /// Not an ISO-8601 instant of at most microseconds.
        BAD_TIMESTAMP
    }

    @Override
    public String toString() {
        String where = path.isEmpty() ? "" : "[" + path + "] ";
        return where + code + ": " + message
                + suggestion.map(name -> "; did you mean '" + name + "'?").orElse("");
    }
}
