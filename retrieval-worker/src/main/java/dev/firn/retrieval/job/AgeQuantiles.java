package dev.firn.retrieval.job;

import java.util.Arrays;
import java.util.Map;
import java.util.TreeMap;

/// How old the winners are: spine time minus the winner's event time, in microseconds.
///
/// Quantiles are exact for as many ages as there may be samples. When the samples are full, every second one is
/// dropped, and from then on only every second, fourth, … age is kept. That is a regular sample of the rows in
/// order, so the same pins give the same quantiles in the same memory budget. Minimum and maximum are always exact.
///
/// The samples of all views of a job take at most 1/[#SHARE_OF_BUDGET] of the budget, and are counted in it
/// ([SliceReader]).
final class AgeQuantiles {
    static final int MAX_SAMPLES = 1 << 20;

    private static final int MIN_SAMPLES = 256;
    private static final int SHARE_OF_BUDGET = 32;
    private static final int FIRST_SAMPLES = 16;

    /// An array that grows is copied into one of twice the size. Sorting it may take as much memory again.
    private static final int BYTES_PER_SAMPLE = 3 * Long.BYTES;

    private final int maxSamples;
    private long[] samples = new long[FIRST_SAMPLES];
    private int size;
    private long stride = 1;
    private long seen;
    private long min = Long.MAX_VALUE;
    private long max = Long.MIN_VALUE;

    /// The most samples of each view.
    static int maxSamples(long budgetBytes, int views) {
        return Math.clamp(
                budgetBytes / SHARE_OF_BUDGET / BYTES_PER_SAMPLE / Math.max(1, views), MIN_SAMPLES, MAX_SAMPLES);
    }

    /// The most memory that one view takes after so many rows.
    static long bytes(long rows, int maxSamples) {
        return BYTES_PER_SAMPLE * Math.min(rows, maxSamples);
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
            samples = Arrays.copyOf(samples, Math.min(size * 2, maxSamples));
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

    /// `p0`, `p50`, `p90`, `p99` and `p100`; empty if there were no ages. Nothing is added afterwards.
    Map<String, Long> quantiles() {
        Map<String, Long> quantiles = new TreeMap<>();
        if (seen > 0) {
            Arrays.sort(samples, 0, size);
            quantiles.put("p0", min);
            for (int percent : new int[] {50, 90, 99}) {
                quantiles.put("p" + percent, samples[(int) ((long) (size - 1) * percent / 100)]);
            }
            quantiles.put("p100", max);
        }
        return quantiles;
    }
}
