package dev.firn.retrieval;

import static dev.firn.retrieval.WorkerStack.request;
import static dev.firn.retrieval.job.Given.ids;
import static org.assertj.core.api.Assertions.assertThat;

import dev.firn.events.RetrievalResult;
import dev.firn.retrieval.job.TableFiles;
import dev.firn.schemas.Topic;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.apache.iceberg.Table;
import org.apache.iceberg.data.GenericRecord;
import org.apache.iceberg.data.Record;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// A retrieval of 100 rows over a table of a million, from the request's record to the answer's.
final class LatencyIT {
    private static final Logger log = LoggerFactory.getLogger(LatencyIT.class);
    private static final int ROWS = 1_000_000;
    private static final int ENTITIES = 100_000;
    private static final int WARM_UP = 10;
    private static final int MEASURED = 11;
    private static final long AIM_MILLIS = 1_000;

    private WorkerStack stack;

    @BeforeEach
    void start() {
        stack = new WorkerStack();
        Table facts = stack.lake.table("facts", "id long, event timestamptz, value int, amount double");
        List<Record> rows = new ArrayList<>(ROWS);
        var day = OffsetDateTime.parse("2024-01-01T00:00:00Z");
        for (int i = 0; i < ROWS; i++) {
            Record row = GenericRecord.create(facts.schema());
            row.set(0, (long) i % ENTITIES);
            row.set(1, day.plusMinutes(i));
            row.set(2, i);
            row.set(3, i / 3.0);
            rows.add(row);
        }
        facts.newAppend().appendFile(TableFiles.write(facts, rows)).commit();
        stack.register(stack.lake
                .view(facts, List.of("id"), List.of("value", "amount"))
                .build());
    }

    @AfterEach
    void stop() {
        stack.close();
    }

    @Test
    void answersAHundredRowsOverAMillionWithinASecondWhenWarm() {
        String[] keys = new String[100];
        for (int i = 0; i < keys.length; i++) {
            keys[i] = Integer.toString(i * 997 % ENTITIES);
        }
        long[] millis = new long[MEASURED];
        try (WorkerRuntime worker = stack.worker();
                WorkerStack.Tail results = stack.tail(Topic.RETRIEVAL_RESULTS)) {
            assertThat(worker.httpPort()).isPositive();
            for (int i = -WARM_UP; i < MEASURED; i++) {
                String id = "latency-" + (i + WARM_UP);
                long start = System.nanoTime();
                stack.send(
                        Topic.RETRIEVAL_REQUESTS,
                        id,
                        request(id, ids("id", keys), "facts:*").build());
                RetrievalResult result = results.result(id);
                if (i >= 0) {
                    millis[i] = (System.nanoTime() - start) / 1_000_000;
                }
                assertThat(result.getViews().getFirst().getMatched()).isEqualTo(keys.length);
                log.atInfo().addKeyValue("stages", result.getStageMillis()).log("Answered");
            }
        }
        Arrays.sort(millis);
        log.atInfo()
                .addKeyValue("medianMillis", millis[MEASURED / 2])
                .addKeyValue("worstMillis", millis[MEASURED - 1])
                .log("100 rows over 1,000,000, event to event");
        assertThat(millis[MEASURED / 2])
                .as("median in ms of %s", Arrays.toString(millis))
                .isLessThan(AIM_MILLIS);
    }
}
