package dev.firn.gateway.retrieval;

import dev.firn.events.ResultFile;
import dev.firn.events.RetrievalResult;
import dev.firn.lake.LakeCode;
import dev.firn.lake.LakeRejection;
import dev.firn.lake.parquet.ParquetRows;
import dev.firn.lake.storage.Storage;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Semaphore;
import java.util.stream.IntStream;
import org.apache.iceberg.data.Record;
import org.jspecify.annotations.Nullable;

/// Reads the first rows of results. Thread-safe.
public final class Previews {
    private static final int MAX_BYTES = 4 << 20;
    private static final int VALUE_BYTES = 16;

    private final Storage storage;
    private final Semaphore readers;

    /// @param readers bounds how many previews are in memory at once
    public Previews(Storage storage, Semaphore readers) {
        this.storage = storage;
        this.readers = readers;
    }

    /// The first rows, at most `limit`, ending with the row that fills 4 MiB.
    ///
    /// @throws dev.firn.gateway.problem.Refusal with 410 if the files were cleaned up
    public List<List<@Nullable Object>> rows(RetrievalResult result, int limit) throws IOException {
        List<List<@Nullable Object>> rows = new ArrayList<>();
        long[] bytes = new long[1];
        Outcomes.acquire(readers);
        try {
            long left = Math.min(limit, result.getRows());
            for (ResultFile file : result.getFiles()) {
                if (left <= 0 || bytes[0] >= MAX_BYTES) {
                    break;
                }
                left = ParquetRows.forEach(storage.input(file.getLocation()), left, row -> {
                    if (bytes[0] < MAX_BYTES) {
                        rows.add(row);
                        bytes[0] += bytes(row);
                    }
                });
            }
        } catch (LakeRejection e) {
            boolean isGone = e.lakeCode() == LakeCode.FILE_NOT_FOUND || e.lakeCode() == LakeCode.SPINE_NOT_FOUND;
            throw isGone ? Outcomes.expired(result.getRequestId()) : e;
        } finally {
            readers.release();
        }
        return rows;
    }

    /// About how much memory a value takes.
    private static long bytes(@Nullable Object value) {
        return VALUE_BYTES
                + switch (value) {
                    case String text -> text.length();
                    case byte[] array -> array.length;
                    case ByteBuffer buffer -> buffer.remaining();
                    case Collection<?> all ->
                        all.stream().mapToLong(Previews::bytes).sum();
                    case Map<?, ?> map -> bytes(map.keySet()) + bytes(map.values());
                    case Record struct ->
                        IntStream.range(0, struct.size())
                                .mapToLong(field -> bytes(struct.get(field)))
                                .sum();
                    case null, default -> 0;
                };
    }
}
