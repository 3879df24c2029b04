package dev.firn.gateway.retrieval;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.firn.gateway.problem.Refusal;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class ByteRangeTest {
    @ParameterizedTest
    @CsvSource({"0-0, 0, 1", "4-9, 4, 10", "4-, 4, 100", "90-1000, 90, 100", "-10, 90, 100", "-1000, 0, 100"})
    void understandsOneRange(String range, long from, long to) {
        assertThat(ByteRange.parse(Optional.of("bytes=" + range), 100)).contains(new ByteRange(from, to));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "bytes=", "bytes=-", "bytes=0-1,3-4", "lines=0-1", "bytes=a-b"})
    void whatItDoesNotUnderstandIsTheWholeFile(String header) {
        assertThat(ByteRange.parse(Optional.of(header), 100)).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"bytes=100-", "bytes=100-200", "bytes=-0", "bytes=9-4"})
    void refusesARangeOutsideOfTheFile(String header) {
        assertThatThrownBy(() -> ByteRange.parse(Optional.of(header), 100)).isInstanceOf(Refusal.class);
    }

    @Test
    void noHeaderIsTheWholeFile() {
        assertThat(ByteRange.parse(Optional.empty(), 100)).isEmpty();
    }
}
