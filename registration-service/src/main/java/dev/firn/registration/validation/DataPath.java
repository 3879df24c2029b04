package dev.firn.registration.validation;

import org.jspecify.annotations.Nullable;

/// The path to a table's Parquet files that people are shown: `s3://…/data/*.parquet`.
public final class DataPath {
    private static final String DATA = "/data/";

    private DataPath() {}

    /// @param anyFilePath a file of the table; null if it has none, then its location is used
    public static String of(@Nullable String anyFilePath, String tableLocation) {
        if (anyFilePath == null) {
            return tableLocation.replaceAll("(?<!/)/++$", "") + DATA + "*.parquet";
        }
        int data = anyFilePath.lastIndexOf(DATA);
        int folder = data < 0 ? anyFilePath.lastIndexOf('/') + 1 : data + DATA.length();
        return anyFilePath.substring(0, folder) + "*.parquet";
    }
}
