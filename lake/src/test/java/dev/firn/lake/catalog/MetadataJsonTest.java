package dev.firn.lake.catalog;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class MetadataJsonTest {
    @Test
    void aNameWithAUuidIsOfOneFile() {
        assertThat(MetadataJson.isNamedOnce(
                        "s3://lake/gold/facts/metadata/00003-5f0c2a3e-6b0e-4f6e-9a53-0d1f2c3b4a5e.metadata.json"))
                .isTrue();
    }

    /// A Hadoop catalog gives these names again when a table is dropped and made anew, also below a folder with a UUID.
    @ParameterizedTest
    @ValueSource(
            strings = {
                "hdfs://lake/gold/facts/metadata/v1.metadata.json",
                "hdfs://lake/gold/facts/metadata/v12.gz.metadata.json",
                "hdfs://lake/5f0c2a3e-6b0e-4f6e-9a53-0d1f2c3b4a5e/metadata/v1.metadata.json",
            })
    void aNameWithANumberMayComeAgain(String location) {
        assertThat(MetadataJson.isNamedOnce(location)).isFalse();
    }
}
