package dev.firn.lake.storage;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Comparator;

/// The order in which stores list files: by UTF-8 bytes. Java's string order differs for characters outside the basic
/// plane.
public final class PathOrder {
    public static final Comparator<String> UTF8 =
            (a, b) -> Arrays.compareUnsigned(a.getBytes(StandardCharsets.UTF_8), b.getBytes(StandardCharsets.UTF_8));

    private PathOrder() {}
}
