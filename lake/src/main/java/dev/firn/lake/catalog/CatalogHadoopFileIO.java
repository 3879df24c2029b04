package dev.firn.lake.catalog;

import org.apache.iceberg.hadoop.HadoopFileIO;
import org.apache.iceberg.io.InputFile;

/// Like [CatalogFileIO], for catalogs whose files are read through Hadoop.
public final class CatalogHadoopFileIO extends HadoopFileIO {
    private static final long serialVersionUID = 1L;

    @Override
    public InputFile newInputFile(String location) {
        InputFile file = super.newInputFile(location);
        return MetadataJson.isMetadata(location) ? MetadataJson.checked(file) : file;
    }
}
