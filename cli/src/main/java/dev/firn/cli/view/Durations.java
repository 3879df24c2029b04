package dev.firn.cli.view;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.firn.cli.command.CommandFailure;
import dev.firn.cli.command.Times;
import java.util.List;
import java.util.concurrent.TimeUnit;
import picocli.CommandLine.TypeConversionException;

/// Durations as people write them into a registration: `"ttl": "14d"`. The event has them in microseconds.
final class Durations {
    private static final String UNIT = "_micros";

    private Durations() {}

    /// Replaces `ttl` by `ttl_micros`, and `available_after` by `available_after_micros`. Changes the body.
    ///
    /// @throws CommandFailure if a value is not a duration, or both forms are given
    static ObjectNode inMicros(ObjectNode body) {
        for (String field : List.of("ttl", "available_after")) {
            JsonNode written = body.remove(field);
            if (written == null) {
                continue;
            }
            if (body.has(field + UNIT)) {
                throw CommandFailure.usage(
                        "The registration has both %1$s and %1$s%2$s; leave one out".formatted(field, UNIT));
            }
            body.put(field + UNIT, micros(field, written));
        }
        return body;
    }

    private static long micros(String field, JsonNode written) {
        if (!written.isTextual()) {
            throw CommandFailure.usage(
                    "%s must be a duration such as \"14d\" or \"36h\", not %s; for microseconds, write %s%s"
                            .formatted(field, written, field, UNIT));
        }
        try {
            return TimeUnit.MILLISECONDS.toMicros(
                    new Times.DurationConverter().convert(written.textValue()).toMillis());
        } catch (TypeConversionException e) {
            throw CommandFailure.usage(field + ": " + e.getMessage());
        }
    }
}
