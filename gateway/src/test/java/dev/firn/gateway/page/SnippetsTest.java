package dev.firn.gateway.page;

import static org.assertj.core.api.Assertions.assertThat;

import dev.firn.events.RetrievalResult;
import org.junit.jupiter.api.Test;

final class SnippetsTest {
    @Test
    void readTheFolderOfTheResult() {
        RetrievalResult result = Filled.of(RetrievalResult.class, "s3://lake/results/firn/train-1/1/abc/");

        assertThat(Snippets.of(result).values())
                .anyMatch(lines -> lines.contains("pd.read_parquet(\"s3://lake/results/firn/train-1/1/abc/\","))
                .anyMatch(lines -> lines.contains("read_parquet('s3://lake/results/firn/train-1/1/abc/*.parquet')"));
    }

    /// Whoever copies the lines runs them.
    @Test
    void aLocationCannotEndItsQuotes() {
        RetrievalResult result = Filled.of(RetrievalResult.class, "s3://a\"'); import os #\\\n/");

        assertThat(Snippets.of(result).get("Python, pandas"))
                .contains("pd.read_parquet(\"s3://a\\\"'); import os #\\\\\\n/\", dtype_backend");
        assertThat(Snippets.of(result).get("Python, DuckDB"))
                .contains("read_parquet('s3://a\\\"''); import os #\\\\\\n/*.parquet')\")");
    }
}
