package dev.firn.lake.storage;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Comparator;

/// The order stores list in: of the UTF-8 bytes, which Java's order of strings is not beyond the basic plane.
final class PathOrder {
    static final Comparator<String> UTF8 =
            (a, b) -> Arrays.compareUnsigned(a.getBytes(StandardCharsets.UTF_8), b.getBytes(StandardCharsets.UTF_8));

    private PathOrder() {}
}
