package dev.firn.gateway.page;

import dev.firn.events.RetrievalResult;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// The lines that read a result, by the tool that runs them. Locations are quoted as each language wants it.
final class Snippets {
    private Snippets() {}

    static Map<String, String> of(RetrievalResult result) {
        @Nullable String location = result.getLocation();
        if (location == null) {
            return Map.of();
        }
        String folder = location.endsWith("/") ? location : location + "/";
        Map<String, String> snippets = new LinkedHashMap<>();
        snippets.put("Python, pandas", """
                import pandas as pd

                features = pd.read_parquet(%s, dtype_backend="pyarrow")
                """.formatted(python(folder)));
        snippets.put("Python, DuckDB", """
                import duckdb, s3fs

                duckdb.register_filesystem(s3fs.S3FileSystem())
                features = duckdb.sql(%s)
                """.formatted(
                        python("SELECT * FROM read_parquet(%s)".formatted(sql(folder + "*.parquet")))));
        return snippets;
    }

    private static String python(String text) {
        return '"'
                + text.replace("\\", "\\\\")
                        .replace("\"", "\\\"")
                        .replace("\n", "\\n")
                        .replace("\r", "\\r")
                + '"';
    }

    private static String sql(String text) {
        return "'" + text.replace("'", "''") + "'";
    }
}
