package dev.firn.lake.catalog;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import org.apache.iceberg.ContentFile;
import org.apache.iceberg.ManifestContent;
import org.apache.iceberg.ManifestFile;
import org.apache.iceberg.ManifestFiles;
import org.apache.iceberg.ManifestReader;
import org.apache.iceberg.PartitionSpec;
import org.apache.iceberg.io.FileIO;

/// The live files of manifests, with the fields that identify and count them.
final class LiveFiles {
    private static final List<String> COLUMNS = List.of(
            "content", "file_path", "record_count", "file_size_in_bytes", "content_offset", "content_size_in_bytes");

    private LiveFiles() {}

    /// Passes each file to the sink.
    ///
    /// @param sink returns false to stop
    /// @return false if the sink stopped before the last file
    static boolean each(
            List<ManifestFile> manifests,
            FileIO io,
            Map<Integer, PartitionSpec> specs,
            Predicate<ContentFile<?>> sink) {
        for (ManifestFile manifest : manifests) {
            try (ManifestReader<? extends ContentFile<?>> files = manifest.content() == ManifestContent.DELETES
                    ? ManifestFiles.readDeleteManifest(manifest, io, specs).select(COLUMNS)
                    : ManifestFiles.read(manifest, io, specs).select(COLUMNS)) {
                for (ContentFile<?> file : files) {
                    if (!sink.test(file)) {
                        return false;
                    }
                }
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
        return true;
    }
}
