package dev.firn.lake.catalog;

import dev.firn.lake.storage.StoreIO;
import java.util.Map;
import org.apache.iceberg.io.InputFile;
import org.apache.iceberg.io.ResolvingFileIO;
import org.jspecify.annotations.Nullable;

/// What catalogs read metadata files with, unless a deployment names a file IO of its own: Iceberg's, but each file is
/// read under exactly its name and checked ([MetadataJson]).
public final class CatalogFileIO extends ResolvingFileIO {
    private static final long serialVersionUID = 1L;

    private static final Map<String, String> REPLACED = Map.of(
            "org.apache.iceberg.io.ResolvingFileIO", CatalogFileIO.class.getName(),
            "org.apache.iceberg.aws.s3.S3FileIO", CatalogFileIO.class.getName(),
            "org.apache.iceberg.hadoop.HadoopFileIO", CatalogHadoopFileIO.class.getName());

    private transient @Nullable StoreIO exact;

    /// The class to use for the configured one.
    static String insteadOf(String configured) {
        return REPLACED.getOrDefault(configured, configured);
    }

    @Override
    public InputFile newInputFile(String location) {
        if (!MetadataJson.isMetadata(location)) {
            return super.newInputFile(location);
        }
        StoreIO exact = exact();
        return MetadataJson.checked(
                exact.isOnS3(location) ? exact.newInputFile(location) : super.newInputFile(location));
    }

    private synchronized StoreIO exact() {
        StoreIO known = exact;
        if (known == null) {
            known = StoreIO.of(this);
            exact = known;
        }
        return known;
    }
}
