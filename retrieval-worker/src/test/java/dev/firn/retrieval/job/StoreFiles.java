package dev.firn.retrieval.job;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.apache.hadoop.conf.Configuration;
import org.apache.iceberg.CatalogUtil;
import org.apache.iceberg.io.FileIO;

/// Files on a catalog's store, through the catalog's own access.
public final class StoreFiles {
    private final Map<String, String> catalogProperties;

    StoreFiles(Map<String, String> catalogProperties) {
        this.catalogProperties = Map.copyOf(catalogProperties);
    }

    /// Writes a file anywhere.
    public void put(String location, byte[] content) {
        try (FileIO io = io();
                var out = io.newOutputFile(location).createOrOverwrite()) {
            out.write(content);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    public void copy(String from, String to) {
        try (FileIO io = io();
                var in = io.newInputFile(from).newStream()) {
            put(to, in.readAllBytes());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /// Rows of a Parquet file as text, cells joined by a blank.
    public List<String> read(String location) {
        try (FileIO io = io();
                var in = io.newInputFile(location).newStream()) {
            Path copy = Files.createTempFile("result-", ".parquet");
            Files.write(copy, in.readAllBytes());
            try {
                return ResultTable.readFile(copy.toString());
            } finally {
                Files.delete(copy);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private FileIO io() {
        return CatalogUtil.loadFileIO(
                catalogProperties.getOrDefault("io-impl", ""), catalogProperties, new Configuration());
    }
}
