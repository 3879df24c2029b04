package dev.firn.chaos.run;

import dev.firn.events.RetrievalResult;
import dev.firn.events.RetrievalStatus;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.parquet.hadoop.ParquetFileReader;
import org.apache.parquet.hadoop.metadata.BlockMetaData;
import org.apache.parquet.hadoop.metadata.ColumnChunkMetaData;
import org.apache.parquet.io.LocalInputFile;

/// Whole retrievals over a file with a flipped bit in the body of a page: the same rows, or a refusal that names the
/// file. Never other rows.
final class FlippedBytes implements Scenario {
    private static final int NIGHTLY_FLIPS = 200;
    /// The last bytes of a column chunk belong to the body of its last page.
    private static final int BODY_BYTES = 4;

    @Override
    public String fault() {
        return "flipped bits in page bodies";
    }

    @Override
    public Outcome run(ChaosRun run) {
        Outcome.Builder outcome = Outcome.of(fault());
        Map<String, Integer> places = new LinkedHashMap<>();
        try (ServiceUnderTest worker = run.deployment.worker(WorkerKills.SLOTS)) {
            ParquetSpine spine = ParquetSpine.of(run);
            List<Integer> bodies = bodies(spine.bytes());
            long began = System.nanoTime();
            for (int i = 0; i < run.plan.scaled(NIGHTLY_FLIPS); i++) {
                String id = run.id("flipped");
                int at = bodies.get(run.random.nextInt(bodies.size()));
                places.put(id, at);
                run.conversation.ask(ParquetSpine.retrieval(run, id, spine.flipped(at, run.random.nextInt(Byte.SIZE))));
            }
            run.conversation.awaitAnswers(places.keySet());
            outcome.fired(places.size()).recovered(began).wrong(wrong(run, places, spine));
            if (!worker.isAlive()) {
                outcome.wrong(List.of("the worker died"));
            }
        }
        return run.outcome(outcome, places.keySet());
    }

    private static List<String> wrong(ChaosRun run, Map<String, Integer> places, ParquetSpine spine) {
        List<String> problems = new ArrayList<>();
        places.forEach((id, at) -> {
            RetrievalResult result = run.conversation.retrieval(id).orElseThrow();
            boolean same = result.getStatus() == RetrievalStatus.SUCCEEDED
                    && result.getContentDigest().equals(spine.undamaged());
            boolean refused = result.getStatus() == RetrievalStatus.FAILED
                    && result.getCode().equals("SPINE_UNREADABLE");
            if (!same && !refused) {
                problems.add("'%s', a bit of byte %d flipped: %s %s %s"
                        .formatted(id, at, result.getStatus(), result.getCode(), result.getMessage()));
            }
        });
        return problems;
    }

    private static List<Integer> bodies(byte[] file) {
        List<Integer> places = new ArrayList<>();
        try {
            Path copy = Files.createTempFile("firn-chaos-", ".parquet");
            Files.write(copy, file);
            try (ParquetFileReader reader = ParquetFileReader.open(new LocalInputFile(copy))) {
                for (BlockMetaData block : reader.getFooter().getBlocks()) {
                    for (ColumnChunkMetaData column : block.getColumns()) {
                        long end = column.getStartingPos() + column.getTotalSize();
                        for (int i = 1; i <= BODY_BYTES; i++) {
                            places.add(Math.toIntExact(end - i));
                        }
                    }
                }
            } finally {
                Files.delete(copy);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return places;
    }
}
