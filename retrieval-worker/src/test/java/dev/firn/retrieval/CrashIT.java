package dev.firn.retrieval;

import static dev.firn.retrieval.WorkerStack.request;
import static org.assertj.core.api.Assertions.assertThat;

import dev.firn.events.RetrievalResult;
import dev.firn.events.RetrievalStatus;
import dev.firn.events.Spine;
import dev.firn.events.SpineKind;
import dev.firn.retrieval.job.TableFiles;
import dev.firn.retrieval.job.TableText;
import dev.firn.schemas.Topic;
import dev.firn.testkit.Waiting;
import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.apache.iceberg.Table;
import org.apache.iceberg.data.Record;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Two workers, one of which is killed in the middle of a job.
final class CrashIT {
    private static final Logger log = LoggerFactory.getLogger(CrashIT.class);
    private static final int SPINE_ROWS = 200_000;

    private WorkerStack stack;

    @BeforeEach
    void start() {
        stack = new WorkerStack();
        Table facts = stack.lake.table("facts", "id long, event timestamptz, value int");
        stack.lake.append(facts, "1 | 2024-01-01 | 10");
        stack.register(stack.lake.view(facts, List.of("id"), List.of("value")).build());
    }

    @AfterEach
    void stop() {
        stack.close();
    }

    @Test
    void aWorkerKilledInTheMiddleOfAJobIsReplacedAndTheRequestAnsweredOnce() throws InterruptedException {
        Table spine = stack.lake.table("spine", "id long, event_timestamp timestamptz");
        List<Record> rows = new ArrayList<>();
        for (int i = 0; i < SPINE_ROWS; i++) {
            rows.add(TableText.record(spine.schema(), i + " | 2024-02-01"));
        }
        spine.newAppend().appendFile(TableFiles.write(spine, rows)).commit();
        Process first = child();
        try (WorkerStack.Tail results = stack.tail(Topic.RETRIEVAL_RESULTS)) {
            // one row per file, so the job takes far longer than the test needs to kill it
            stack.send(
                    Topic.RETRIEVAL_REQUESTS,
                    "crash",
                    request(
                                    "crash",
                                    Spine.newBuilder()
                                            .setKind(SpineKind.TABLE)
                                            .setTable("iceberg." + stack.namespace + ".spine")
                                            .build(),
                                    "facts:value")
                            .build());
            String attempt = "s3://lake/results/" + stack.namespace + "/crash/1";
            Waiting.until(
                    WorkerStack.LIMIT,
                    () -> stack.lake.catalogs().storage().list(attempt).size() > 5,
                    "files of the first attempt");
            try (WorkerRuntime second = stack.worker()) {
                first.destroyForcibly().waitFor();
                long killed = System.nanoTime();
                RetrievalResult result = results.result("crash");
                Duration took = Duration.ofNanos(System.nanoTime() - killed);
                log.atInfo().addKeyValue("millis", took.toMillis()).log("Answered after the kill");

                assertThat(result.getStatus()).as(result.getMessage()).isEqualTo(RetrievalStatus.SUCCEEDED);
                assertThat(result.getAttempt()).isEqualTo(2);
                assertThat(result.getRows()).isEqualTo(SPINE_ROWS);
                assertThat(second.httpPort()).isPositive();
                results.poll(Duration.ofSeconds(2));
                assertThat(results.results("crash")).hasSize(1);
            }
        } finally {
            first.destroyForcibly();
        }
    }

    private Process child() {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx512m",
                "--enable-native-access=ALL-UNNAMED"));
        stack.properties("firn.results.rows-per-file", "1")
                .forEach((name, value) -> command.add("-D" + name + "=" + value));
        command.addAll(List.of("-cp", System.getProperty("java.class.path"), RetrievalWorker.class.getName()));
        try {
            return new ProcessBuilder(command)
                    .redirectErrorStream(true)
                    .redirectOutput(new File(System.getProperty("java.io.tmpdir"), stack.namespace + "-worker.log"))
                    .start();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
