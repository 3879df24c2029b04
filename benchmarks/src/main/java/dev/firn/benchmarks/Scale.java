package dev.firn.benchmarks;

import java.util.Locale;

/// Which share of a scenario's rows to use: 1/50, 1/5 or all.
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
