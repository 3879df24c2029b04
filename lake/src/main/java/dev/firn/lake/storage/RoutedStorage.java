package dev.firn.lake.storage;

import dev.firn.lake.LakeCode;
import dev.firn.lake.LakeRejection;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import org.apache.iceberg.io.InputFile;
import org.apache.iceberg.io.OutputFile;

/// Sends each location to the store its scheme names.
final class RoutedStorage implements Storage {
    private final SchemeStore s3;
    private final SchemeStore local = new LocalStore();

    private RoutedStorage(SchemeStore s3) {
        this.s3 = s3;
    }

    static Storage open(Map<String, String> properties) {
        return new RoutedStorage(S3Store.open(S3Properties.withDefaults(properties)));
    }

    @Override
    public InputFile input(String location) {
        Location at = Location.parse(location);
        return store(at).input(at);
    }

    @Override
    public OutputFile output(String location) {
        Location at = Location.parse(location);
        return store(at).output(at);
    }

    @Override
    public PutOutcome putIfAbsent(String location, byte[] content) {
        Location at = Location.parse(location);
        return store(at).putIfAbsent(at, content, SchemeStore.Owner.BY_CONTENT);
    }

    @Override
    public byte[] read(String location, int maxBytes) {
        Location at = Location.parse(location);
        return store(at).read(at, maxBytes);
    }

    @Override
    public List<StoredFile> list(String folderOrFile) {
        Location at = Location.parse(folderOrFile);
        return store(at).list(at, folderOrFile.endsWith("/"));
    }

    @Override
    public String etag(String location) {
        Location at = Location.parse(location);
        return store(at).etag(at);
    }

    @Override
    public void delete(Collection<String> locations) {
        for (String location : locations) {
            Location at = Location.parse(location);
            store(at).delete(at);
        }
    }

    @Override
    public boolean conditionalPutIsAtomic(String probeFolder) {
        Location folder = Location.parse(probeFolder);
        return new AtomicPutProbe(store(folder), folder).isAtomic();
    }

    @Override
    public void close() {
        s3.close();
    }

    private SchemeStore store(Location location) {
        return switch (location.scheme()) {
            case "s3" -> s3;
            case "file" -> local;
            default ->
                throw new LakeRejection(
                        LakeCode.UNSUPPORTED_STORE, "[" + location + "] is neither on S3 nor on this machine");
        };
    }
}
