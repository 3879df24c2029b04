package dev.firn.benchmarks;

import java.util.Locale;

/// How much of a scenario's rows to use: all of them, a fifth, a fiftieth.
enum Scale {
    SMALL(50),
    MEDIUM(5),
    LARGE(1);

    private final int divisor;

    Scale(int divisor) {
        this.divisor = divisor;
    }

    long of(long rows) {
        return Math.max(1, rows / divisor);
    }

    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT);
    }
}
