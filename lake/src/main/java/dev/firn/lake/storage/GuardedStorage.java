package dev.firn.lake.storage;

import dev.firn.lake.Access;
import dev.firn.lake.LakeCode;
import dev.firn.lake.LakeRejection;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.function.Consumer;
import org.apache.iceberg.io.InputFile;
import org.apache.iceberg.io.OutputFile;

/// A store restricted to reads under the spine prefixes and Firn's own locations, and to writes under the latter.
/// Everything else is `LOCATION_NOT_ALLOWED`, for every caller.
public final class GuardedStorage implements Storage {
    private final Storage storage;
    private final Access access;

    public GuardedStorage(Storage storage, Access access) {
        this.storage = storage;
        this.access = access;
    }

    @Override
    public InputFile input(String location) {
        return storage.input(readable(location));
    }

    @Override
    public OutputFile output(String location) {
        return storage.output(writable(location));
    }

    @Override
    public PutOutcome putIfAbsent(String location, byte[] content) {
        return storage.putIfAbsent(writable(location), content);
    }

    @Override
    public byte[] read(String location, int maxBytes) {
        return storage.read(readable(location), maxBytes);
    }

    @Override
    public List<StoredFile> list(String folderOrFile) {
        String allowed = readable(folderOrFile);
        return storage.list(folderOrFile.endsWith("/") ? allowed + "/" : allowed);
    }

    @Override
    public void walk(String folder, Consumer<AgedFile> visitor) {
        storage.walk(readable(folder), visitor);
    }

    @Override
    public int abandonUploads(String folder, Instant before) {
        return storage.abandonUploads(writable(folder), before);
    }

    @Override
    public String etag(String location) {
        return storage.etag(readable(location));
    }

    @Override
    public void delete(Collection<String> locations) {
        storage.delete(locations.stream().map(this::writable).toList());
    }

    @Override
    public void deleteUnchanged(String location, String etag) {
        storage.deleteUnchanged(writable(location), etag);
    }

    @Override
    public boolean conditionalPutIsAtomic(String probeFolder) {
        return storage.conditionalPutIsAtomic(writable(probeFolder));
    }

    @Override
    public void close() {
        storage.close();
    }

    private String writable(String location) {
        return access.own(location).toString();
    }

    private String readable(String location) {
        Location parsed = Location.parse(location);
        boolean allowed = access.isOwn(parsed)
                || access.spinePrefixes().stream().anyMatch(prefix -> parsed.isUnder(Location.parse(prefix)));
        if (!allowed) {
            throw new LakeRejection(
                    LakeCode.LOCATION_NOT_ALLOWED, "[" + parsed + "] is outside the locations of spines and results");
        }
        return parsed.toString();
    }
}
