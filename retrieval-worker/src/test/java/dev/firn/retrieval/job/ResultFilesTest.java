package dev.firn.retrieval.job;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.firn.engine.LongColumn;
import dev.firn.lake.LakeCode;
import dev.firn.lake.LakeOutage;
import dev.firn.lake.storage.Storage;
import java.lang.reflect.Proxy;
import org.apache.iceberg.Schema;
import org.apache.iceberg.types.Types;
import org.apache.iceberg.types.Types.NestedField;
import org.junit.jupiter.api.Test;
import software.amazon.awssdk.services.s3.model.S3Exception;

final class ResultFilesTest {
    private static final Schema SCHEMA = new Schema(NestedField.optional(1, "n", Types.LongType.get()));

    /// An outage is retried within the attempt.
    @Test
    void aRefusedWriteIsAnOutage() {
        Storage away = (Storage)
                Proxy.newProxyInstance(Storage.class.getClassLoader(), new Class<?>[] {Storage.class}, (_, _, _) -> {
                    throw S3Exception.builder().message("says the test").build();
                });
        try (ResultFiles files = new ResultFiles(away, "s3://lake/results", SCHEMA, 10, 1)) {
            assertThatThrownBy(() -> files.write(_ -> LongColumn.of(1), 1)).satisfies(ResultFilesTest::isAnOutage);
            assertThatThrownBy(files::finish).satisfies(ResultFilesTest::isAnOutage);
        }
    }

    private static void isAnOutage(Throwable fault) {
        assertThat(fault)
                .isInstanceOfSatisfying(
                        LakeOutage.class, e -> assertThat(e.lakeCode()).isEqualTo(LakeCode.STORAGE_UNAVAILABLE))
                .hasMessageContaining("[s3://lake/results]");
    }
}
