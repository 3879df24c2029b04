package dev.firn.lake.storage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.firn.lake.LakeException;
import dev.firn.lake.LakeOutage;
import dev.firn.lake.LakeRejection;
import dev.firn.lake.storage.ScriptedS3.Fault;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.apache.iceberg.io.SeekableInputStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// Which answers of S3 are final. A final one is told at once, by name, whichever request met it: waiting changes
/// nothing. Others are outages.
final class S3AnswersTest {
    private static final String FILE = "s3://lake/spines/ids.csv";

    private ScriptedS3 s3;
    private Storage storage;

    @BeforeEach
    void open() throws IOException {
        s3 = new ScriptedS3();
        s3.objects.put("/lake/spines/ids.csv", "id\n1\n".getBytes(java.nio.charset.StandardCharsets.UTF_8));
        Map<String, String> properties = new HashMap<>(s3.properties());
        properties.put(ReadRetries.LIMIT, "300");
        storage = Storage.open(properties);
    }

    @AfterEach
    void close() {
        storage.close();
        s3.close();
    }

    @ParameterizedTest
    @EnumSource(
            value = Fault.class,
            names = {"WRONG_REGION", "WRONG_SIGNING_REGION", "LONG_KEY", "ARCHIVED", "NOT_ALLOWED"})
    void refusalsAreAnsweredAtOnce(Fault fault) {
        for (Runnable request : requests()) {
            LakeRejection answer = answer(fault, request, LakeRejection.class);
            assertThat(answer.code()).isEqualTo("STORE_REFUSED");
            assertThat(answer.getMessage())
                    .contains(FILE)
                    .doesNotContain("Exception")
                    .doesNotContain("AKIDEXAMPLE");
        }
    }

    @ParameterizedTest
    @EnumSource(
            value = Fault.class,
            names = {"WRONG_REGION", "WRONG_SIGNING_REGION"})
    void anotherRegionIsNamedWithTheSetting(Fault fault) {
        for (Runnable request : requests()) {
            assertThat(answer(fault, request, LakeRejection.class).getMessage())
                    .contains("eu-west-1")
                    .contains("firn.s3.region");
        }
    }

    @Test
    void aMissingBucketIsNamed() {
        for (Runnable request : requestsOfOthersFiles()) {
            LakeRejection answer = answer(Fault.NO_BUCKET, request, LakeRejection.class);
            assertThat(answer.code()).isEqualTo("STORE_REFUSED");
            assertThat(answer.getMessage()).contains("there is no bucket 'lake'");
        }
    }

    @Test
    void aDeniedFileIsAnsweredAtOnce() {
        for (Runnable request : requests()) {
            assertThat(answer(Fault.ACCESS_DENIED, request, LakeRejection.class).code())
                    .isEqualTo("FILE_DENIED");
        }
    }

    @ParameterizedTest
    @EnumSource(
            value = Fault.class,
            names = {"BAD_KEY", "EXPIRED_TOKEN", "SLOW_DOWN", "INTERNAL", "CONFLICT"})
    void whatAnOperatorOrTimeMendsIsAnOutage(Fault fault) {
        for (Runnable request : requests()) {
            LakeOutage outage = answer(fault, request, LakeOutage.class);
            assertThat(outage.code()).isEqualTo("STORAGE_UNAVAILABLE");
            assertThat(outage.getMessage()).contains(FILE).doesNotContain("AKIDEXAMPLE");
        }
    }

    /// A process that starts before its bucket exists waits for it.
    @Test
    void aMissingBucketIsAnOutageToAWriter() {
        s3.faults.addAll(Collections.nCopies(20, Fault.NO_BUCKET));
        assertThat(catchThrowableOfType(LakeOutage.class, () -> storage.putIfAbsent(FILE, new byte[1])))
                .hasMessageContaining(FILE);
    }

    @Test
    void anEmptyFileEndsAtOnce() throws IOException {
        s3.objects.put("/lake/spines/ids.csv", new byte[0]);
        try (SeekableInputStream stream = storage.input(FILE).newStream()) {
            assertThat(stream.read()).isEqualTo(-1);
            assertThat(stream.readAllBytes()).isEmpty();
        }
        assertThat(storage.input(FILE).getLength()).isZero();
    }

    private List<Runnable> requests() {
        return Stream.concat(requestsOfOthersFiles().stream(), Stream.of(() -> storage.read(FILE, 100)))
                .toList();
    }

    private List<Runnable> requestsOfOthersFiles() {
        return List.of(
                () -> storage.list(FILE),
                () -> storage.list("s3://lake/spines/ids.csv/"),
                () -> storage.etag(FILE),
                () -> storage.input(FILE).getLength(),
                this::readAll);
    }

    private void readAll() {
        try (SeekableInputStream stream = storage.input(FILE).newStream()) {
            stream.readAllBytes();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /// Requests with HEAD are asked again with GET, whose answer has a code.
    private <T extends LakeException> T answer(Fault fault, Runnable request, Class<T> type) {
        s3.faults.clear();
        s3.faults.addAll(Collections.nCopies(1_000, fault));
        T answer = catchThrowableOfType(type, request::run);
        assertThat(answer).as("%s", fault).isNotNull();
        if (type == LakeRejection.class) {
            assertThat(1_000 - s3.faults.size()).as("requests").isLessThanOrEqualTo(2);
        }
        return answer;
    }
}
