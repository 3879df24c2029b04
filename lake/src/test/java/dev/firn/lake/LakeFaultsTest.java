package dev.firn.lake;

import static org.assertj.core.api.Assertions.assertThat;

import dev.firn.engine.BudgetExceededException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.BufferUnderflowException;
import java.util.List;
import java.util.concurrent.CancellationException;
import org.apache.avro.AvroRuntimeException;
import org.apache.iceberg.exceptions.RuntimeIOException;
import org.apache.parquet.io.ParquetDecodingException;
import org.junit.jupiter.api.Test;

/// What the exceptions of readers are taken for.
final class LakeFaultsTest {
    private static final TableName TABLE = TableName.parse("iceberg.gold.orders");
    private static final String WHERE = "s3://lake/orders/p.parquet row group 3";

    @Test
    void whateverADecoderThrowsIsAboutTheBytes() {
        for (String decoder : List.of(
                "org.apache.parquet.column.values.bitpacking.ByteBitPackingLE",
                "org.apache.avro.io.BinaryDecoder",
                "org.apache.iceberg.data.parquet.GenericParquetReaders",
                "io.airlift.compress.v3.snappy.SnappyRawDecompressor",
                "org.roaringbitmap.RoaringBitmap",
                "dev.firn.lake.parquet.HybridRuns")) {
            for (RuntimeException fault : List.of(
                    new IllegalArgumentException("bit width 77"),
                    new IndexOutOfBoundsException("Index 7 out of bounds for length 3"),
                    new NullPointerException(),
                    new NegativeArraySizeException("-5"),
                    new ClassCastException("class java.lang.Long cannot be cast to class java.lang.String"),
                    new BufferUnderflowException(),
                    new ArithmeticException("integer overflow"),
                    new UnsupportedOperationException(),
                    new IllegalStateException("no page"))) {
                assertUnreadable(thrownBy(decoder, fault));
            }
        }
    }

    @Test
    void exceptionsOfDecodersAreAboutTheBytesWhereverTheyAreThrown() {
        assertUnreadable(new ParquetDecodingException("Can not read value at 1", new NullPointerException()));
        assertUnreadable(new AvroRuntimeException(new IOException("Invalid sync!")));
        assertUnreadable(new UncheckedIOException(new IOException("cut off")));
        assertUnreadable(new RuntimeIOException(new IOException("java.io.IOException: cut off")));
    }

    /// The JVM throws one exception without a trace for all, once compiled code throws it often.
    @Test
    void anExceptionWithoutATraceIsOfADecodersLoop() {
        for (RuntimeException fault : List.of(
                new ArrayIndexOutOfBoundsException(),
                new NullPointerException(),
                new ArithmeticException(),
                new ClassCastException())) {
            fault.setStackTrace(new StackTraceElement[0]);
            assertUnreadable(fault);
        }
    }

    @Test
    void ourOwnDefectsStayWhatTheyAre() {
        RuntimeException ours = thrownBy("dev.firn.engine.PointInTimeJoin", new IndexOutOfBoundsException("7"));
        assertThat(LakeFaults.whileReading(TABLE, 5L, WHERE, ours)).isSameAs(ours);
    }

    /// They come out of a decoder, which asks whether it may go on.
    @Test
    void aCancelledJobAndOneWithoutMemorySayNothingAboutTheBytes() {
        for (RuntimeException fault :
                List.of(new CancellationException("cancelled"), new BudgetExceededException("no memory"))) {
            RuntimeException thrown = thrownBy("dev.firn.lake.parquet.PageReader", fault);
            assertThat(LakeFaults.isOfTheBytes(thrown)).isFalse();
            assertThat(LakeFaults.isOfTheBytes(new IllegalStateException(thrown)))
                    .isFalse();
        }
    }

    private static void assertUnreadable(RuntimeException fault) {
        RuntimeException answer = LakeFaults.whileReading(TABLE, 5L, WHERE, fault);
        assertThat(answer).as("%s", fault).isInstanceOf(LakeRejection.class);
        assertThat(((LakeRejection) answer).code()).isEqualTo("FILE_UNREADABLE");
        assertThat(answer.getMessage())
                .contains(WHERE)
                .doesNotContain("Exception")
                .doesNotContain("java.")
                .doesNotContain("org.");
    }

    private static RuntimeException thrownBy(String className, RuntimeException fault) {
        fault.setStackTrace(new StackTraceElement[] {
            new StackTraceElement("java.util.Objects", "checkIndex", "Objects.java", 1),
            new StackTraceElement(className, "read", "Some.java", 1),
            new StackTraceElement("dev.firn.lake.scan.RowGroupStream", "next", "RowGroupStream.java", 1)
        });
        return fault;
    }
}
