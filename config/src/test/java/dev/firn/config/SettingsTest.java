package dev.firn.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class SettingsTest {
    private static final Map<String, String> PLATFORM = Map.ofEntries(
            Map.entry("S3_BUCKET", "airbytedestination1"),
            Map.entry("S3_ICEBERG_BASE_PATH", "iceberg/gold"),
            Map.entry("AWS_ACCESS_KEY_ID", "your_access_key"),
            Map.entry("AWS_SECRET_ACCESS_KEY", "your_secret_key"),
            Map.entry("AWS_REGION", "eu-west-1"),
            Map.entry("TRINO_HOST", "trino.data-platform.svc.cluster.local"),
            Map.entry("TRINO_PORT", "8443"),
            Map.entry("TRINO_USER", "dbt"),
            Map.entry("TRINO_CATALOG", "lakehouse"),
            Map.entry("GOLD_SCHEMA", "silver"),
            Map.entry("FEAST_REPO_PATH", "/tmp/feast_repo"));

    @Test
    void readsTheVariablesOfTheDataPlatform() {
        FirnConfig config = Settings.load(PLATFORM, Map.of());

        assertThat(config.access().spineLocations()).containsExactly("s3://airbytedestination1/iceberg/gold");
        assertThat(config.access().catalogs()).containsExactly("lakehouse");
        assertThat(config.trino().host()).isEqualTo("trino.data-platform.svc.cluster.local");
        assertThat(config.trino().port()).isEqualTo(8443);
        assertThat(config.trino().user()).isEqualTo("dbt");
        assertThat(config.trino().schema()).isEqualTo("silver");
        assertThat(config.feast().repoFolder()).isEqualTo(Path.of("/tmp/feast_repo"));
        assertThat(config.state().folder()).isEqualTo(Path.of("firn-state"));
        assertThat(config.s3().region()).isEqualTo("eu-west-1");
        assertThat(config.s3().accessKeyId()).contains("your_access_key");
        assertThat(config.results().location()).isEqualTo("s3://airbytedestination1/firn-results");
    }

    @Test
    void hasDefaultsWithoutAnyVariable() {
        FirnConfig config = Settings.load(Map.of(), Map.of());

        assertThat(config.namespace()).isEqualTo("firn");
        assertThat(config.s3().accessKeyId()).isEmpty();
        assertThat(config.retrieval().scanThreads()).isEmpty();
        assertThat(config.registration().validationDeadline()).isEqualTo(Duration.ofMinutes(5));
        assertThat(config.registration().tombstoneAfter()).isEqualTo(Duration.ofDays(30));
    }

    @Test
    void passesDottedPropertiesThrough() {
        FirnConfig config = Settings.load(
                Map.of("AWS_ACCESS_KEY_ID", "a", "AWS_SECRET_ACCESS_KEY", "b"),
                Map.of(
                        "firn.kafka.properties.security.protocol", "SASL_SSL",
                        "firn.schema-registry.properties.basic.auth.user.info", "me:secret",
                        "firn.catalogs.iceberg.type", "rest",
                        "firn.catalogs.iceberg.uri", "http://rest:8181",
                        "firn.catalogs.iceberg.s3.access-key-id", "own"));

        assertThat(Settings.kafkaProperties(config)).containsEntry("security.protocol", "SASL_SSL");
        assertThat(Settings.schemaRegistryProperties(config)).containsEntry("basic.auth.user.info", "me:secret");
        assertThat(Settings.catalogProperties(config).get("iceberg"))
                .containsEntry("type", "rest")
                .containsEntry("s3.access-key-id", "own")
                .containsEntry("s3.secret-access-key", "b")
                .doesNotContainKey("io-impl");
    }

    @Test
    void systemPropertiesOverrideTheEnvironmentWhichOverridesTheFile(@TempDir Path folder) throws IOException {
        Path file = Files.writeString(
                folder.resolve("firn.properties"),
                "firn.namespace=file\nfirn.trino.user=file\nfirn.trino.port=1\nfirn.catalogs.iceberg.type=rest\n");
        FirnConfig config = Settings.load(
                Map.of("FIRN_CONFIG", file.toString(), "FIRN_NAMESPACE", "env", "FIRN_TRINO_USER", "env"),
                Map.of("firn.namespace", "props"));

        assertThat(config.namespace()).isEqualTo("props");
        assertThat(config.trino().user()).isEqualTo("env");
        assertThat(config.trino().port()).isEqualTo(1);
    }

    @Test
    void namesEveryInvalidSettingAtOnce() {
        assertThatThrownBy(() -> Settings.load(
                        Map.of("TRINO_PORT", "70000"),
                        Map.of("firn.namespace", "Not A Name", "firn.retrieval.slots", "0")))
                .isInstanceOf(InvalidConfigException.class)
                .hasMessageContaining("firn.trino.port: must be between 1 and 65535, got 70000")
                .hasMessageContaining("firn.namespace: must match [a-z0-9][a-z0-9-]{0,62}, got 'Not A Name'")
                .hasMessageContaining("firn.retrieval.slots: must be between 1 and 256, got 0");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "firn.registration.retry-backoff",
                "firn.refresh.run-retry-backoff",
                "firn.retrieval.retry-backoff"
            })
    void rejectsALongestPauseBelowTheFirst(String first) {
        assertThatThrownBy(() -> Settings.load(Map.of(), Map.of(first, "2h", first + "-max", "1h")))
                .isInstanceOf(InvalidConfigException.class)
                .hasMessageContaining("%1$s-max: must be at least %1$s, which is PT2H, got PT1H".formatted(first));
        assertThat(Settings.load(Map.of(), Map.of(first, "1h", first + "-max", "1h")))
                .isNotNull();
    }

    @Test
    void namesTopicsWithHints() {
        FirnConfig config = Settings.load(
                Map.of(),
                Map.of(
                        "firn.hints.sources.keeper.topic", "lake.events",
                        "firn.hints.sources.keeper.format", "lakekeeper",
                        "firn.hints.sources.keeper.catalogs.0198c7e5-aaaa", "gold",
                        "firn.hints.sources.sink.topic", "control-iceberg",
                        "firn.hints.sources.sink.format", "iceberg-connect",
                        "firn.catalogs.gold.type", "rest",
                        "firn.access.catalogs", "gold"));

        FirnConfig.HintSource keeper = source(config, "keeper");
        assertThat(keeper.topic()).isEqualTo("lake.events");
        assertThat(keeper.format()).isEqualTo(HintFormat.LAKEKEEPER);
        assertThat(keeper.catalogs()).containsExactly(Map.entry("0198c7e5-aaaa", "gold"));
        assertThat(source(config, "sink").format()).isEqualTo(HintFormat.ICEBERG_CONNECT);
    }

    private static FirnConfig.HintSource source(FirnConfig config, String name) {
        return Objects.requireNonNull(config.hints().sources().get(name));
    }

    @Test
    void refusesHintsForACatalogThatDoesNotExist() {
        assertThatThrownBy(() -> Settings.load(
                        Map.of(),
                        Map.of(
                                "firn.hints.sources.keeper.topic", "lake.events",
                                "firn.hints.sources.keeper.format", "lakekeeper",
                                "firn.hints.sources.keeper.catalogs.w", "gold",
                                "firn.catalogs.iceberg.type", "rest")))
                .hasMessageContaining(
                        "firn.hints.sources.keeper.catalogs.w: must be one of the catalogs [iceberg], got 'gold'");
    }

    @Test
    void aCredentialsFileLogsKafkaIn() {
        FirnConfig config = Settings.load(
                Map.of(),
                Map.of(
                        "firn.kafka.credentials-file", "/run/secrets/kafka.properties",
                        "firn.kafka.properties.sasl.mechanism", "SCRAM-SHA-512",
                        "firn.schema-registry.credentials-file", "/run/secrets/registry.properties"));

        assertThat(Settings.kafkaProperties(config))
                .containsEntry("sasl.client.callback.handler.class", "dev.firn.schemas.KafkaCredentials")
                .containsEntry(
                        "sasl.jaas.config",
                        "org.apache.kafka.common.security.scram.ScramLoginModule required"
                                + " credentialsFile=\"/run/secrets/kafka.properties\";");
        assertThat(Settings.schemaRegistryProperties(config))
                .containsEntry("credentials.file", "/run/secrets/registry.properties");
    }

    @Test
    void refusesACredentialsFileThatKafkaWouldNotUse() {
        assertThatThrownBy(() -> Settings.load(
                        Map.of(),
                        Map.of(
                                "firn.kafka.credentials-file", "/run/secrets/kafka.properties",
                                "firn.kafka.properties.sasl.jaas.config", "…")))
                .hasMessageContaining("sasl.mechanism must be one of [PLAIN, SCRAM-SHA-256, SCRAM-SHA-512], got ''")
                .hasMessageContaining("set only one");
    }

    @Test
    void keepsSpinesBesideTheResults() {
        assertThat(Settings.spinesLocation(
                        Settings.load(Map.of(), Map.of("firn.results.location", "s3://lake/a/results/"))))
                .isEqualTo("s3://lake/a/firn-spines");
        assertThat(Settings.spinesLocation(Settings.load(
                        Map.of(),
                        Map.of("firn.results.location", "s3://lake", "firn.results.spines-location", "s3://other/s"))))
                .isEqualTo("s3://other/s");
    }

    /// A life-cycle rule on results would delete spines that are still needed.
    @Test
    void refusesSpinesAmongTheResults() {
        assertThatThrownBy(() -> Settings.load(
                        Map.of(),
                        Map.of(
                                "firn.results.location", "s3://lake/results",
                                "firn.results.spines-location", "s3a://lake/results/spines/")))
                .hasMessageContaining("firn.results.spines-location: must lie apart from firn.results.location");
        assertThatThrownBy(() -> Settings.load(Map.of(), Map.of("firn.results.location", "s3://lake/")))
                .hasMessageContaining("firn.results.spines-location: must be set");
    }

    @ParameterizedTest
    @CsvSource({
        "s3://lake/warehouse/results, s3://lake/warehouse",
        "s3://lake/warehouse, s3a://lake/warehouse/",
        "s3://lake/a/results, s3://lake",
        "s3://lake/results, s3://lake/results/tables",
        "s3://lake/a/results, s3://lake/a/firn-spines/b"
    })
    void refusesResultsThatOverlapAWarehouse(String results, String warehouse) {
        assertThatThrownBy(() -> Settings.load(
                        Map.of(),
                        Map.of("firn.results.location", results, "firn.catalogs.iceberg.warehouse", warehouse)))
                .isInstanceOf(InvalidConfigException.class)
                .hasMessageContaining("firn.catalogs.iceberg.warehouse: must lie apart from Firn's own files");
    }

    /// REST catalogs and Glue name a warehouse by an id.
    @ParameterizedTest
    @ValueSource(strings = {"s3://lake/iceberg", "s3://lake/result", "prod", "123456789012"})
    void acceptsAWarehouseApartFromTheResults(String warehouse) {
        FirnConfig config = Settings.load(
                Map.of(),
                Map.of("firn.results.location", "s3://lake/results", "firn.catalogs.iceberg.warehouse", warehouse));
        assertThat(config.results().location()).isEqualTo("s3://lake/results");
    }

    @Test
    void rejectsAnUnknownSetting() {
        assertThatThrownBy(() -> Settings.load(Map.of(), Map.of("firn.retrieval.slot", "3")))
                .isInstanceOf(InvalidConfigException.class)
                .hasMessageContaining("firn.retrieval.slot");
    }

    @Test
    void namesASettingOfTheWrongType() {
        assertThatThrownBy(() -> Settings.load(Map.of(), Map.of("firn.refresh.poll-interval", "soon")))
                .isInstanceOf(InvalidConfigException.class)
                .hasMessageContaining("firn.refresh.poll-interval: 'soon' is not valid: ")
                .message()
                .doesNotContain("SRCFG", "Exception");
    }

    @Test
    void namesAFileThatDoesNotExist() {
        assertThatThrownBy(() -> Settings.load(Map.of(), Map.of("firn.config", "/nowhere/firn.properties")))
                .isInstanceOf(InvalidConfigException.class)
                .hasMessageContaining("firn.config: cannot read /nowhere/firn.properties: it does not exist");
    }

    @Test
    void neverPrintsASecretInAnError() {
        assertThatThrownBy(() -> Settings.load(Map.of("AWS_SECRET_ACCESS_KEY", "hush"), Map.of()))
                .hasMessageContaining("firn.s3.secret-access-key")
                .hasMessageNotContaining("hush");
    }

    @Test
    void documentsEverySettingInSentences() {
        assertThat(Setting.all())
                .isNotEmpty()
                .allSatisfy(setting -> assertThat(setting.doc())
                        .as(setting.name())
                        .endsWith(setting.doc().endsWith("…") ? "…" : "."));
    }
}
