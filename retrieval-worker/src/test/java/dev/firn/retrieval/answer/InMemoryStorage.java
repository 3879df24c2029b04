package dev.firn.retrieval.answer;

import dev.firn.lake.LakeCode;
import dev.firn.lake.LakeOutage;
import dev.firn.lake.LakeRejection;
import dev.firn.lake.storage.PutOutcome;
import dev.firn.lake.storage.Storage;
import dev.firn.lake.storage.StoredFile;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.atomic.AtomicReference;
import org.apache.iceberg.io.InputFile;
import org.apache.iceberg.io.OutputFile;

/// A store in memory that can be made to fail.
public final class InMemoryStorage implements Storage {
    final ConcurrentSkipListMap<String, byte[]> files = new ConcurrentSkipListMap<>();
    private final AtomicReference<Runnable> afterList = new AtomicReference<>(() -> {});
    private final AtomicReference<Runnable> beforePut = new AtomicReference<>(() -> {});
    private volatile String putName = "";
    private int outages;
    private boolean atomic = true;
    /// Answers each read with 403.
    volatile boolean denyReads;

    private boolean losesNextPutResponse;

    /// Makes the next calls fail.
    synchronized void failNextCalls(int calls) {
        outages = calls;
    }

    public void setNotAtomic() {
        atomic = false;
    }

    /// Runs this once, after the next listing.
    void afterNextList(Runnable change) {
        afterList.set(change);
    }

    /// Runs this once, before the next conditional PUT of a file with this name.
    void beforeNextPut(String name, Runnable change) {
        putName = name;
        beforePut.set(change);
    }

    /// Makes the next conditional PUT succeed but lose its response.
    synchronized void loseNextPutResponse() {
        losesNextPutResponse = true;
    }

    private synchronized void mayFail() {
        if (outages > 0) {
            outages--;
            throw new LakeOutage(LakeCode.STORAGE_UNAVAILABLE, "the store is away, says the test", null);
        }
    }

    @Override
    public PutOutcome putIfAbsent(String location, byte[] content) {
        mayFail();
        if (location.endsWith("/" + putName)) {
            beforePut.getAndSet(() -> {}).run();
        }
        byte[] there = files.putIfAbsent(location, content.clone());
        synchronized (this) {
            if (losesNextPutResponse) {
                losesNextPutResponse = false;
                throw new LakeOutage(LakeCode.STORAGE_UNAVAILABLE, "the response is lost, says the test", null);
            }
        }
        return there == null || Arrays.equals(there, content) ? PutOutcome.CREATED : PutOutcome.ALREADY_THERE;
    }

    @Override
    public byte[] read(String location, int maxBytes) {
        mayFail();
        if (denyReads) {
            throw new LakeRejection(LakeCode.FILE_DENIED, "[" + location + "] denied, says the test");
        }
        byte[] content = files.get(location);
        if (content == null) {
            throw new LakeRejection(LakeCode.FILE_NOT_FOUND, "[" + location + "] does not exist");
        }
        return content.clone();
    }

    @Override
    public List<StoredFile> list(String folderOrFile) {
        mayFail();
        String folder = folderOrFile.endsWith("/") ? folderOrFile : folderOrFile + "/";
        List<StoredFile> listed = files.entrySet().stream()
                .filter(file ->
                        file.getKey().startsWith(folder) || file.getKey().equals(folderOrFile))
                .map(file -> new StoredFile(file.getKey(), file.getValue().length, "etag"))
                .toList();
        afterList.getAndSet(() -> {}).run();
        return listed;
    }

    @Override
    public void delete(Collection<String> locations) {
        mayFail();
        locations.forEach(files::remove);
    }

    @Override
    public InputFile input(String location) {
        throw new UnsupportedOperationException(location);
    }

    @Override
    public OutputFile output(String location) {
        throw new UnsupportedOperationException(location);
    }

    @Override
    public String etag(String location) {
        throw new UnsupportedOperationException(location);
    }

    @Override
    public boolean conditionalPutIsAtomic(String probeFolder) {
        return atomic;
    }

    @Override
    public void close() {}
}
