package dev.firn.registration.validation;

import org.jspecify.annotations.Nullable;

/// Where the Parquet files of a table lie, as the mission shows it: `s3://…/data/*.parquet`.
final class DataPath {
    private static final String DATA = "/data/";

    private DataPath() {}

    /// @param anyFilePath a file of the table; null: it has none, then its location tells
    static String of(@Nullable String anyFilePath, String tableLocation) {
        if (anyFilePath == null) {
            return tableLocation.replaceAll("/+$", "") + DATA + "*.parquet";
        }
        int data = anyFilePath.lastIndexOf(DATA);
        int folder = data < 0 ? anyFilePath.lastIndexOf('/') + 1 : data + DATA.length();
        return anyFilePath.substring(0, folder) + "*.parquet";
    }
}
