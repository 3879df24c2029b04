package dev.firn.retrieval.job;

import java.util.Arrays;
import java.util.Map;
import java.util.TreeMap;

/// How old the winners are: spine time minus the winner's event time, in microseconds.
///
/// Quantiles are exact for up to [#MAX_SAMPLES] ages. When the samples are full, every second one is dropped, and from
/// then on only every second, fourth, … age is kept. That is a regular sample of the rows in order, so the same pins
/// give the same quantiles. Minimum and maximum are always exact.
final class AgeQuantiles {
    static final int MAX_SAMPLES = 1 << 20;

    private final int maxSamples;
    private long[] samples = new long[1024];
    private int size;
    private long stride = 1;
    private long seen;
    private long min = Long.MAX_VALUE;
    private long max = Long.MIN_VALUE;

    AgeQuantiles() {
        this(MAX_SAMPLES);
    }

    AgeQuantiles(int maxSamples) {
        this.maxSamples = maxSamples;
    }

    void add(long ageMicros) {
        min = Math.min(min, ageMicros);
        max = Math.max(max, ageMicros);
        if (seen++ % stride != 0) {
            return;
        }
        if (size == maxSamples) {
            thin();
            if ((seen - 1) % stride != 0) {
                return;
            }
        }
        if (size == samples.length) {
            samples = Arrays.copyOf(samples, size * 2);
        }
        samples[size++] = ageMicros;
    }

    private void thin() {
        int kept = 0;
        for (int i = 0; i < size; i += 2) {
            samples[kept++] = samples[i];
        }
        size = kept;
        stride *= 2;
    }

    /// `p0`, `p50`, `p90`, `p99` and `p100`; empty if there were no ages.
    Map<String, Long> quantiles() {
        Map<String, Long> quantiles = new TreeMap<>();
        if (seen > 0) {
            long[] sorted = Arrays.copyOf(samples, size);
            Arrays.parallelSort(sorted);
            quantiles.put("p0", min);
            for (int percent : new int[] {50, 90, 99}) {
                quantiles.put("p" + percent, sorted[(int) ((long) (size - 1) * percent / 100)]);
            }
            quantiles.put("p100", max);
        }
        return quantiles;
    }
}
