package dev.firn.schemas;

import java.util.Optional;
import org.apache.kafka.common.header.Headers;

/// Where a dead letter came from and why it could not be read, written as headers beside its original bytes. Never a
/// stack trace, never content.
///
/// @param topic topic that the record was read from
/// @param code stable code, for programs; see [Code]
/// @param reason one sentence for people; kept on one line and cut at [Limits#DEAD_LETTER_REASON_LENGTH]
public record DeadLetter(String topic, int partition, long offset, String code, String reason) {
    private static final String TOPIC = FirnHeaders.DEAD_LETTER_PREFIX + "topic";
    private static final String PARTITION = FirnHeaders.DEAD_LETTER_PREFIX + "partition";
    private static final String OFFSET = FirnHeaders.DEAD_LETTER_PREFIX + "offset";
    private static final String CODE = FirnHeaders.DEAD_LETTER_PREFIX + "code";
    private static final String REASON = FirnHeaders.DEAD_LETTER_PREFIX + "reason";

    public DeadLetter {
        reason = onOneShortLine(reason);
    }

    /// Writes the coordinates into the headers of the dead letter.
    public void writeTo(Headers headers) {
        FirnHeaders.set(headers, TOPIC, topic);
        FirnHeaders.set(headers, PARTITION, Integer.toString(partition));
        FirnHeaders.set(headers, OFFSET, Long.toString(offset));
        FirnHeaders.set(headers, CODE, code);
        FirnHeaders.set(headers, REASON, reason);
    }

    /// Reads the coordinates back; empty if they are missing or malformed.
    public static Optional<DeadLetter> readFrom(Headers headers) {
        try {
            return FirnHeaders.text(headers, TOPIC)
                    .map(topic -> new DeadLetter(
                            topic,
                            Integer.parseInt(
                                    FirnHeaders.text(headers, PARTITION).orElse("")),
                            Long.parseLong(FirnHeaders.text(headers, OFFSET).orElse("")),
                            FirnHeaders.text(headers, CODE).orElse(""),
                            FirnHeaders.text(headers, REASON).orElse("")));
        } catch (NumberFormatException e) {
            return Optional.empty();
        }
    }

    private static String onOneShortLine(String text) {
        String line = text.replaceAll("\\p{Cntrl}+", " ");
        if (line.length() <= Limits.DEAD_LETTER_REASON_LENGTH) {
            return line;
        }
        int end = Limits.DEAD_LETTER_REASON_LENGTH - 1;
        return line.substring(0, Character.isHighSurrogate(line.charAt(end - 1)) ? end - 1 : end) + "…";
    }
}
