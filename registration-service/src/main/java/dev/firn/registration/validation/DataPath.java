package dev.firn.registration.validation;

import org.jspecify.annotations.Nullable;

/// Where the Parquet files of a table lie, as the mission shows it: `s3://…/data/*.parquet`.
final class DataPath {
    private static final String DATA = "/data/";

    private DataPath() {}

    /// @param anyPath a file of the table; null: it has none, then its location tells
    static String of(@Nullable String anyPath, String tableLocation) {
        if (anyPath == null) {
            return tableLocation.replaceAll("/+$", "") + DATA + "*.parquet";
        }
        int data = anyPath.lastIndexOf(DATA);
        int folder = data < 0 ? anyPath.lastIndexOf('/') + 1 : data + DATA.length();
        return anyPath.substring(0, folder) + "*.parquet";
    }
}
