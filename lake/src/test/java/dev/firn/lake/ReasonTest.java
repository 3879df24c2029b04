package dev.firn.lake;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.EOFException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.UnknownHostException;
import java.util.List;
import java.util.concurrent.TimeoutException;
import org.apache.iceberg.exceptions.RuntimeIOException;
import org.apache.parquet.io.ParquetDecodingException;
import org.junit.jupiter.api.Test;

final class ReasonTest {
    @Test
    void namesNoClass() {
        List<Throwable> faults = List.of(
                new NullPointerException("Cannot invoke \"java.util.List.size()\" because \"<local4>\" is null"),
                new ClassCastException("class java.lang.Long cannot be cast to class java.lang.String"),
                new IndexOutOfBoundsException("Index 7 out of bounds for length 3"),
                new StackOverflowError(),
                new IllegalStateException(new IOException("java.io.IOException: broken pipe")),
                new ParquetDecodingException("Can not read value at 0", new NullPointerException()),
                new UncheckedIOException(new EOFException()),
                new RuntimeIOException(
                        new IOException("Failed to read file"), "org.apache.iceberg.exceptions.X: %s", "y"),
                new RuntimeException(new TimeoutException()));
        for (Throwable fault : faults) {
            assertThat(Reason.of(fault))
                    .as("%s", fault)
                    .isNotBlank()
                    .doesNotContain("Exception")
                    .doesNotContain("Error")
                    .doesNotContain("java.")
                    .doesNotContain("org.apache");
        }
    }

    @Test
    void keepsWhatTheMessagesSayOnce() {
        IOException broken = new IOException("broken pipe");
        assertThat(Reason.of(new UncheckedIOException("reading failed", broken)))
                .isEqualTo("reading failed: broken pipe");
        assertThat(Reason.of(new UncheckedIOException(broken))).isEqualTo("broken pipe");
        assertThat(Reason.of(new UnknownHostException("lake.local"))).isEqualTo("unknown host lake.local");
        assertThat(Reason.of(new IllegalStateException("[s3://b/My.Odd.Name.parquet] has no rows")))
                .isEqualTo("[s3://b/My.Odd.Name.parquet] has no rows");
    }

    @Test
    void isOneLineOfLimitedLength() {
        String reason = Reason.of(new IllegalStateException("a\nb" + "x".repeat(5_000)));
        assertThat(reason).startsWith("a b").hasSizeLessThan(1_100);
        assertThat(Reason.of(new IllegalStateException())).isEqualTo("no reason is known");
    }

    @Test
    void anEndlessChainOfCausesEnds() {
        Exception one = new Exception("one");
        one.initCause(new Exception("two", one));
        assertThat(Reason.of(one)).isEqualTo("one: two");
    }
}
