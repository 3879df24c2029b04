package dev.firn.chaos.run;

import dev.firn.events.RetrievalRequest;
import dev.firn.events.RetrievalResult;
import dev.firn.events.RetrievalStatus;
import dev.firn.events.Spine;
import dev.firn.events.SpineKind;
import java.util.List;

/// A sound Parquet file whose pages bear checksums, to be damaged and used as a spine: a result of Firn.
@SuppressWarnings("ArrayRecordComponent") // never compared
record ParquetSpine(byte[] bytes, String undamaged) {
    private static final int MAX_BYTES = 1 << 20;

    /// Needs a worker.
    static ParquetSpine of(ChaosRun run) {
        String id = run.id("sound");
        run.conversation.ask(run.retrieval(id, ChaosRun.VIEW).build());
        run.conversation.awaitAnswers(List.of(id));
        String file = run.conversation
                .retrieval(id)
                .orElseThrow()
                .getFiles()
                .getFirst()
                .getLocation();
        byte[] bytes = run.deployment.storage.read(file, MAX_BYTES);
        String whole = run.id("undamaged");
        run.conversation.ask(retrieval(run, whole, bytes));
        run.conversation.awaitAnswers(List.of(whole));
        RetrievalResult result = run.conversation.retrieval(whole).orElseThrow();
        if (result.getStatus() != RetrievalStatus.SUCCEEDED) {
            throw new AssertionError(result);
        }
        return new ParquetSpine(bytes, result.getContentDigest());
    }

    /// A retrieval whose spine is a file with these bytes.
    static RetrievalRequest retrieval(ChaosRun run, String id, byte[] bytes) {
        String location = "%s/%s.parquet".formatted(run.deployment.spines(), id);
        run.deployment.storage.putIfAbsent(location, bytes);
        return RetrievalRequest.newBuilder()
                .setRequestId(id)
                .setSpine(Spine.newBuilder()
                        .setKind(SpineKind.PARQUET)
                        .setLocations(List.of(location))
                        .build())
                .setFeatures(List.of(ChaosRun.VIEW + ":value"))
                .setFullFeatureNames(true)
                .build();
    }

    /// The same bytes with one bit flipped.
    byte[] flipped(int at, int bit) {
        byte[] damaged = bytes.clone();
        damaged[at] ^= (byte) (1 << bit);
        return damaged;
    }
}
