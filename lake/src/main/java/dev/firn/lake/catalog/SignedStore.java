package dev.firn.lake.catalog;

import java.util.HashMap;
import java.util.Map;
import org.apache.iceberg.aws.s3.S3FileIO;
import org.apache.iceberg.io.FileIO;
import org.apache.iceberg.io.ResolvingFileIO;
import org.apache.iceberg.io.SupportsStorageCredentials;

/// Finds the signer of a REST catalog that names it as servers did before Iceberg 1.12.
///
/// A catalog that signs requests to the store says where. Iceberg 1.12 renamed the properties it says that by
/// and no longer reads the old names, which are all that earlier servers know (Nessie 0.99 for one): it asks at
/// a default place instead, and every read ends in a 404. Here the old names count where the new ones are
/// absent.
final class SignedStore {
    private static final Map<String, String> RENAMED =
            Map.of("s3.signer.uri", "signer.uri", "s3.signer.endpoint", "signer.endpoint");

    private SignedStore() {}

    /// The same file IO, unless its signer has to be found.
    static FileIO of(FileIO io) {
        if (!(io instanceof S3FileIO || io instanceof ResolvingFileIO)) {
            return io;
        }
        Map<String, String> properties = new HashMap<>(io.properties());
        RENAMED.forEach((before, now) -> {
            if (properties.containsKey(before)) {
                properties.putIfAbsent(now, properties.get(before));
            }
        });
        if (properties.size() == io.properties().size()) {
            return io;
        }
        S3FileIO signed = new S3FileIO();
        if (io instanceof SupportsStorageCredentials granted) {
            signed.setCredentials(granted.credentials());
        }
        signed.initialize(properties);
        return signed;
    }
}
