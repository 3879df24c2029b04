package dev.firn.schemas;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.apache.kafka.common.header.Headers;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.junit.jupiter.api.Test;

final class FirnHeadersTest {
    private final Headers from = new RecordHeaders();
    private final Headers to = new RecordHeaders();

    @Test
    void copiesOnlyWhatTheAnswerMayHave() {
        add("firn-team", "growth");
        add("correlation-id", "first");
        add("correlation-id", "last");
        add("traceparent", "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01");
        add("authorization", "Bearer secret");
        add("firn-dead-letter-topic", "firn.retrieval-requests");

        FirnHeaders.copy(from, to);

        assertThat(names(to)).containsExactly("firn-team", "correlation-id", "traceparent");
        assertThat(FirnHeaders.text(to, "correlation-id")).contains("last");
    }

    @Test
    void keepsTheHeadersThatTheAnswerAlreadyHas() {
        add(FirnHeaders.REQUEST_ID, "of-another-request");
        FirnHeaders.set(to, FirnHeaders.REQUEST_ID, "mine");

        FirnHeaders.copy(from, to);

        assertThat(FirnHeaders.text(to, FirnHeaders.REQUEST_ID)).contains("mine");
        assertThat(names(to)).hasSize(1);
    }

    @Test
    void leavesOutWhatExceedsTheLimits() {
        add("firn-large", "x".repeat(Limits.HEADER_VALUE_BYTES + 1));
        add("firn-" + "n".repeat(Limits.HEADER_NAME_LENGTH), "v");
        from.add("firn-null", null);
        for (int i = 0; i < 100; i++) {
            add("firn-" + i, "x".repeat(500));
        }

        FirnHeaders.copy(from, to);

        int bytes = 0;
        for (var header : to) {
            bytes += header.key().length() + header.value().length;
        }
        assertThat(bytes).isBetween(Limits.COPIED_HEADERS_BYTES - 600, Limits.COPIED_HEADERS_BYTES);
        assertThat(names(to)).hasSizeLessThanOrEqualTo(Limits.COPIED_HEADERS).doesNotContain("firn-large", "firn-null");
    }

    @Test
    void aDeadLetterSaysWhereItCameFromOnOneShortLine() {
        var letter =
                new DeadLetter("firn.table-hints", 3, 42, "NOT_MAGIC", "first\n\tat line two\u0000" + "é".repeat(600));

        letter.writeTo(to);
        letter.writeTo(to);

        assertThat(DeadLetter.readFrom(to)).contains(letter);
        assertThat(names(to)).hasSize(5);
        assertThat(letter.reason())
                .startsWith("first at line two é")
                .hasSize(Limits.DEAD_LETTER_REASON_LENGTH)
                .endsWith("…");
    }

    @Test
    void malformedCoordinatesAreNotADeadLetter() {
        assertThat(DeadLetter.readFrom(to)).isEqualTo(Optional.empty());
        FirnHeaders.set(to, "firn-dead-letter-topic", "t");
        assertThat(DeadLetter.readFrom(to)).isEqualTo(Optional.empty());
    }

    private void add(String name, String value) {
        from.add(name, value.getBytes(UTF_8));
    }

    private static List<String> names(Headers headers) {
        var names = new ArrayList<String>();
        headers.forEach(header -> names.add(header.key()));
        return names;
    }
}
