package dev.firn.benchmarks.kernels;

import static org.assertj.core.api.Assertions.assertThat;

import dev.firn.engine.BytesColumn;
import dev.firn.engine.Column;
import dev.firn.engine.LongColumn;
import dev.firn.engine.RowAddress;
import dev.firn.engine.Winners;
import java.io.IOException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Kernels compute the same as plain code.
final class KernelsTwinTest {
    @Test
    void probeKernelFindsTheLatestRowAtOrBeforeTheSpine() {
        ProbeKernel kernel = new ProbeKernel();
        kernel.spineRows = 5_000;
        kernel.keys = 1_000;
        kernel.setUp();
        Map<Long, TreeMap<Long, Integer>> rows = new HashMap<>();
        for (int i = 0; i < ProbeKernel.ROWS; i++) {
            // among equal times, the greater address wins
            rows.computeIfAbsent(kernel.featureKeys[i], key -> new TreeMap<>()).put(kernel.featureTimes[i], i);
        }

        Winners winners = kernel.join();

        for (int s = 0; s < kernel.spineRows; s++) {
            var latest = rows.getOrDefault(kernel.spineKeys[s], new TreeMap<>()).floorEntry(kernel.spineTimes[s]);
            assertThat(winners.address(s))
                    .as("spine row %d", s)
                    .isEqualTo(latest == null ? RowAddress.NONE : (long) latest.getValue());
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"longs", "strings", "words"})
    void pageKernelReadsWhatWasWritten(String column) throws IOException {
        PageKernel kernel = new PageKernel();
        kernel.column = column;
        kernel.setUp();
        try {
            Column written =
                    PageKernel.values().get(List.of("longs", "strings", "words").indexOf(column));
            int[] few = IntStream.range(0, PageKernel.FEW)
                    .map(i -> (int) kernel.few()[i])
                    .toArray();

            assertThat(texts(kernel.all())).isEqualTo(texts(written));
            assertThat(texts(kernel.some())).isEqualTo(texts(written.take(few)));
        } finally {
            kernel.tearDown();
        }
    }

    private static List<String> texts(Column column) {
        return IntStream.range(0, column.size())
                .mapToObj(i -> column instanceof LongColumn longs
                        ? Long.toString(longs.values()[i])
                        : ((BytesColumn) column).string(i))
                .toList();
    }
}
