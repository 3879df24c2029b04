package dev.firn.lake.storage;

import dev.firn.lake.LakeCode;
import dev.firn.lake.LakeRejection;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.apache.iceberg.io.InputFile;
import org.apache.iceberg.io.OutputFile;

/// Routes each location to the store of its scheme.
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
        Location parsed = Location.parse(location);
        return store(parsed).input(parsed);
    }

    @Override
    public OutputFile output(String location) {
        Location parsed = Location.parse(location);
        return store(parsed).output(parsed);
    }

    @Override
    public PutOutcome putIfAbsent(String location, byte[] content) {
        Location parsed = Location.parse(location);
        return store(parsed).putIfAbsent(parsed, content, SchemeStore.Owner.BY_CONTENT);
    }

    @Override
    public byte[] read(String location, int maxBytes) {
        Location parsed = Location.parse(location);
        return store(parsed).read(parsed, maxBytes);
    }

    @Override
    public List<StoredFile> list(String folderOrFile) {
        Location parsed = Location.parse(folderOrFile);
        return store(parsed).list(parsed, folderOrFile.endsWith("/"));
    }

    @Override
    public void walk(String folder, Consumer<AgedFile> visitor) {
        Location parsed = Location.parse(folder);
        store(parsed).walk(parsed, visitor);
    }

    @Override
    public int abandonUploads(String folder, Instant before) {
        Location parsed = Location.parse(folder);
        return store(parsed).abandonUploads(parsed, before);
    }

    @Override
    public String etag(String location) {
        Location parsed = Location.parse(location);
        return store(parsed).etag(parsed);
    }

    @Override
    public void delete(Collection<String> locations) {
        for (String location : locations) {
            Location parsed = Location.parse(location);
            store(parsed).delete(parsed);
        }
    }

    @Override
    public void deleteUnchanged(String location, String etag) {
        Location parsed = Location.parse(location);
        store(parsed).deleteUnchanged(parsed, etag);
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
                        LakeCode.UNSUPPORTED_STORE, "[" + location + "] must be on S3 or on the local file system");
        };
    }
}
