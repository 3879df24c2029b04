package dev.firn.chaos.run;

import java.util.SplittableRandom;

/// How much of the suite runs.
///
/// @param scale 1.0 is the nightly run, 0.1 the gate's
/// @param part from 1; the scenarios are dealt to the parts
record ChaosPlan(double scale, long seed, int part, int parts) {
    ChaosPlan {
        if (scale <= 0 || part < 1 || part > parts) {
            throw new IllegalArgumentException(
                    "expected a positive scale and a part of 1 to %d, got %s and %d".formatted(parts, scale, part));
        }
    }

    /// From `firn.chaos.scale`, `firn.seed` and `firn.chaos.part` (`N/M`). Without a seed, each run draws one.
    static ChaosPlan fromProperties() {
        String[] part = System.getProperty("firn.chaos.part", "1/1").split("/", 2);
        String seed = System.getProperty("firn.seed", "");
        return new ChaosPlan(
                Double.parseDouble(System.getProperty("firn.chaos.scale", "0.1")),
                seed.isEmpty() ? new SplittableRandom().nextLong(1L << 31) : Long.parseLong(seed),
                Integer.parseInt(part[0]),
                Integer.parseInt(part[part.length - 1]));
    }

    /// At least one.
    int scaled(int nightly) {
        return (int) Math.max(1, Math.round(nightly * scale));
    }

    boolean runs(int scenario) {
        return scenario % parts == part - 1;
    }
}
