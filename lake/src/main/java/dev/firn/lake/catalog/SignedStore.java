package dev.firn.lake.catalog;

import java.util.HashMap;
import java.util.Map;
import org.apache.iceberg.aws.s3.S3FileIO;
import org.apache.iceberg.io.FileIO;
import org.apache.iceberg.io.ResolvingFileIO;
import org.apache.iceberg.io.SupportsStorageCredentials;

/// Finds the request signer of a REST catalog that still uses the property names from before Iceberg 1.12.
///
/// A catalog that signs requests to the store tells its clients where. Iceberg 1.12 renamed those properties and no
/// longer reads the old names, which is all that earlier servers send (Nessie 0.99 for example): it falls back to a
/// default endpoint, and every read fails with a 404. This class copies the old names to the new ones if those are
/// absent.
final class SignedStore {
    private static final Map<String, String> RENAMED =
            Map.of("s3.signer.uri", "signer.uri", "s3.signer.endpoint", "signer.endpoint");

    private SignedStore() {}

    /// Returns the same file IO unless it needs the renamed properties.
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
