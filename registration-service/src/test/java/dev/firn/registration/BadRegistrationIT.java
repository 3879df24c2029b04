package dev.firn.registration;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import dev.firn.events.RegistrationRequest;
import dev.firn.events.RegistrationResult;
import dev.firn.events.RegistrationStatus;
import dev.firn.events.TableSource;
import dev.firn.events.Violation;
import dev.firn.schemas.Code;
import dev.firn.schemas.Topic;
import dev.firn.testkit.TestStack;
import dev.firn.testkit.Trino;
import dev.firn.testkit.WithStack;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/// What can be wrong with a registration, against the real parts. `RequestRulesTest` and `ColumnRulesTest`
/// have every rule.
@WithStack
final class BadRegistrationIT {
    private static RealRegistry registry;
    private static RealRegistry.Reader<RegistrationResult> results;
    private static String schema;
    private static int requests;

    @BeforeAll
    static void start(TestStack stack, Trino trino) {
        schema = trino.newSchema();
        trino.execute(
                "CREATE TABLE iceberg.%s.customer_aggregates (customer_id bigint, score real, total_orders bigint, avg_order_value double, updated_at timestamp(6) with time zone, note varchar)"
                        .formatted(schema),
                "CREATE VIEW iceberg.%1$s.a_view AS SELECT * FROM iceberg.%1$s.customer_aggregates".formatted(schema));
        registry = new RealRegistry(
                        stack,
                        "firn.access.catalogs",
                        "iceberg,tpch",
                        "firn.catalogs.tpch.type",
                        "rest",
                        "firn.catalogs.tpch.uri",
                        "http://127.0.0.1:1")
                .started();
        results = registry.results();
    }

    @AfterAll
    static void stop() {
        registry.close();
    }

    @Test
    void unknownColumnsAreAllReportedWithTheNearestName() {
        RegistrationResult result = register(request -> request.setFeatures(
                        List.of(Views.feature("total_order", "int64"), Views.feature("avg_order_valu", "float64")))
                .setEntities(List.of("custmer_id")));

        assertThat(codes(result)).containsOnly(Code.COLUMN_NOT_FOUND.name());
        assertThat(result.getViolations())
                .extracting(Violation::getField)
                .containsExactly("entities[0]", "features[0].name", "features[1].name");
        assertThat(result.getViolations())
                .extracting(Violation::getSuggestion)
                .containsExactly("customer_id", "total_orders", "avg_order_value");
    }

    @Test
    void unknownTableSuggestsTheNearestName() {
        Violation violation = only(register(table("customer_aggregate")));

        assertThat(violation.getCode()).isEqualTo(Code.TABLE_NOT_FOUND.name());
        assertThat(violation.getField()).isEqualTo("source.table_name");
        assertThat(violation.getSuggestion()).isEqualTo("customer_aggregates");
    }

    @Test
    void unknownSchemaIsRejected() {
        Violation violation = only(register(request -> request.setSource(TableSource.newBuilder(request.getSource())
                .setSchema$("nowhere_at_all")
                .build())));

        assertThat(violation.getCode()).isEqualTo(Code.SCHEMA_NOT_FOUND.name());
    }

    @Test
    void distinguishesAnUnknownCatalogFromOneThatIsNotAllowed() {
        assertThat(only(register(catalog("icebrg"))).getCode()).isEqualTo(Code.CATALOG_NOT_FOUND.name());
        assertThat(only(register(catalog("system"))).getCode()).isEqualTo(Code.CATALOG_NOT_ALLOWED.name());
    }

    @Test
    void tableThatIsNotIcebergIsRejected() {
        RegistrationResult result = register(request -> request.setSource(TableSource.newBuilder(request.getSource())
                .setCatalog("tpch")
                .setSchema$("tiny")
                .setTableName("orders")
                .build()));

        assertThat(codes(result)).containsExactly(Code.TABLE_NOT_ICEBERG.name());
    }

    @Test
    void viewInPlaceOfATableIsRejected() {
        assertThat(only(register(table("a_view"))).getCode()).isEqualTo(Code.UNSUPPORTED_TABLE.name());
    }

    @Test
    void wrongDtypeIsRejectedWithTheRightOneSuggested() {
        Violation violation =
                only(register(request -> request.setFeatures(List.of(Views.feature("total_orders", "int32")))));

        assertThat(violation.getCode()).isEqualTo(Code.TYPE_MISMATCH.name());
        assertThat(violation.getField()).isEqualTo("features[0].dtype");
        assertThat(violation.getSuggestion()).isEqualTo("int64");
    }

    @Test
    void timestampOfAWrongTypeIsRejected() {
        Violation violation = only(register(request -> request.setSource(TableSource.newBuilder(request.getSource())
                .setTimestampField("note")
                .build())));

        assertThat(violation.getCode()).isEqualTo(Code.TIMESTAMP_TYPE_UNSUPPORTED.name());
    }

    @Test
    void floatingPointKeyIsRejected() {
        assertThat(codes(register(request -> request.setEntities(List.of("score")))))
                .containsExactly(Code.KEY_TYPE_UNSUPPORTED.name());
    }

    @Test
    void allViolationsAreReportedAtOnce() {
        RegistrationResult result = register(request -> request.setEntities(List.of("customer_id", "Customer_ID"))
                .setFeatures(List.of(
                        Views.feature("total_orders", "int32"),
                        Views.feature("TOTAL_ORDERS", "int64"),
                        Views.feature("missing", "string"),
                        Views.feature("updated_at", "timestamptz"),
                        Views.feature("note", "text")))
                .setOnline(true)
                .setTtlMicros(-1L));

        assertThat(codes(result))
                .contains(
                        Code.DUPLICATE_NAME.name(),
                        Code.TYPE_MISMATCH.name(),
                        Code.COLUMN_NOT_FOUND.name(),
                        Code.COLUMN_USED_TWICE.name(),
                        Code.UNKNOWN_DTYPE.name(),
                        Code.ONLINE_UNSUPPORTED.name(),
                        Code.NEGATIVE_DURATION.name());
    }

    @Test
    void hostileNamesAreRejectedWithoutHarm(Trino trino) {
        String hostile = "x\"; DROP TABLE iceberg.%s.customer_aggregates; --".formatted(schema);
        RegistrationResult table = register(table(hostile));
        assertThat(table.getStatus()).isEqualTo(RegistrationStatus.REJECTED);
        assertThat(table.getViolations()).isNotEmpty().allSatisfy(violation -> {
            assertThat(violation.getCode()).isEqualTo(Code.INVALID_NAME.name());
            assertThat(violation.getField()).isEqualTo("source.table_name");
        });
        RegistrationResult timestamp = register(request -> request.setSource(TableSource.newBuilder(request.getSource())
                .setTimestampField(hostile)
                .build()));
        assertThat(timestamp.getStatus()).isEqualTo(RegistrationStatus.REJECTED);
        assertThat(codes(timestamp)).containsOnly(Code.INVALID_NAME.name(), Code.COLUMN_NOT_FOUND.name());
        RegistrationResult entity = register(request -> request.setEntities(List.of(hostile)));
        assertThat(entity.getStatus()).isEqualTo(RegistrationStatus.REJECTED);
        assertThat(codes(entity)).containsOnly(Code.INVALID_NAME.name(), Code.COLUMN_NOT_FOUND.name());

        assertThat(trino.query("SELECT count(*) FROM iceberg.%s.customer_aggregates".formatted(schema)))
                .hasSize(1);
    }

    @Test
    void onlineIsRejected() {
        assertThat(codes(register(request -> request.setOnline(true)))).containsExactly(Code.ONLINE_UNSUPPORTED.name());
    }

    @Test
    void unknownBranchIsRejected() {
        assertThat(codes(register(request -> request.setSource(TableSource.newBuilder(request.getSource())
                        .setRef("nightly")
                        .build()))))
                .containsExactly(Code.REF_NOT_FOUND.name());
    }

    @Test
    void recordKeyThatDiffersFromTheViewsNameIsRejected() {
        RegistrationRequest request = request("key1", "keyed").build();
        registry.send(Topic.REGISTRATION_REQUESTS, "another", request);

        assertThat(codes(answer("key1"))).containsExactly(Code.KEY_MISMATCH.name());
    }

    @Test
    void reusedIdWithAnotherBodyIsRejected() {
        registry.send(request("again", "twice").build());
        answer("again");
        registry.send(request("again", "twice").setTtlMicros(5L).build());

        List<RegistrationResult> answers =
                results.awaitMatching(result -> result.getRequestId().equals("again"), 2);
        assertThat(codes(answers.getLast())).containsExactly(Code.REQUEST_ID_REUSED.name());
        assertThat(answers.getLast().getRequestDigest())
                .isNotEqualTo(answers.getFirst().getRequestDigest());
    }

    @Test
    void undecodableRecordsGoToTheDeadLettersWithTheirCode() {
        byte[] notAvro = "not avro".getBytes(StandardCharsets.UTF_8);
        byte[] unknownId =
                ByteBuffer.allocate(8).put((byte) 0).putInt(99_999_999).array();
        registry.send(Topic.REGISTRATION_REQUESTS, "dead1", notAvro);
        registry.send(Topic.STANDING_REQUESTS, "dead2", notAvro);
        registry.send(Topic.TABLE_HINTS, "dead3", notAvro);
        registry.send(Topic.RETRIEVAL_RESULTS, "dead4", notAvro);
        registry.send(Topic.REGISTRATION_REQUESTS, "dead5", unknownId);

        var letters = registry.rawReader(Topic.DEAD_LETTERS);
        letters.awaitCount(5);
        assertThat(letters.records())
                .extracting(letter -> tuple(
                        letter.key(),
                        new String(
                                letter.headers()
                                        .lastHeader("firn-dead-letter-code")
                                        .value(),
                                StandardCharsets.UTF_8)))
                .containsExactlyInAnyOrder(
                        tuple("dead1", Code.NOT_MAGIC.name()),
                        tuple("dead2", Code.NOT_MAGIC.name()),
                        tuple("dead3", Code.NOT_MAGIC.name()),
                        tuple("dead4", Code.NOT_MAGIC.name()),
                        tuple("dead5", Code.UNKNOWN_SCHEMA_ID.name()));
    }

    @Test
    void emptyTableIsRegisteredWithADataPathBelowItsLocation() {
        RegistrationResult result = register(request -> request.setName("empty_table"));

        assertThat(result.getStatus()).isEqualTo(RegistrationStatus.REGISTERED);
        assertThat(result.getFeatureView().getSource().getDataPath())
                .startsWith("s3://lake/iceberg/")
                .endsWith("/data/*.parquet");
    }

    @Test
    void registrationFailsAtTheDeadlineWhileTrinoIsAway(TestStack stack) {
        try (RealRegistry without = new RealRegistry(
                        stack,
                        "firn.trino.port",
                        "1",
                        "firn.registration.validation-deadline",
                        "2s",
                        "firn.registration.retry-backoff",
                        "100ms")
                .started()) {
            long sent = System.nanoTime();
            without.send(request("away", "away").build());
            RegistrationResult result = without.results()
                    .await(answer -> answer.getRequestId().equals("away"), "away")
                    .value();
            assertThat(result.getStatus()).isEqualTo(RegistrationStatus.FAILED);
            assertThat(codes(result)).containsExactly(Code.VALIDATION_UNAVAILABLE.name());
            assertThat(Duration.ofNanos(System.nanoTime() - sent)).isGreaterThan(Duration.ofSeconds(2));
            assertThat(without.views().all(Duration.ofMillis(500))).isEmpty();
        }
    }

    private static RegistrationResult register(Consumer<RegistrationRequest.Builder> change) {
        String id = "bad" + requests++;
        RegistrationRequest.Builder request = request(id, "view_" + id);
        change.accept(request);
        registry.send(request.build());
        return answer(id);
    }

    private static RegistrationResult answer(String id) {
        return results.await(result -> result.getRequestId().equals(id), "the answer to " + id)
                .value();
    }

    private static Consumer<RegistrationRequest.Builder> table(String name) {
        return request -> request.setSource(
                TableSource.newBuilder(request.getSource()).setTableName(name).build());
    }

    private static Consumer<RegistrationRequest.Builder> catalog(String name) {
        return request -> request.setSource(
                TableSource.newBuilder(request.getSource()).setCatalog(name).build());
    }

    private static RegistrationRequest.Builder request(String id, String view) {
        RegistrationRequest.Builder request = Views.request(id, view);
        return request.setSource(
                TableSource.newBuilder(request.getSource()).setSchema$(schema).build());
    }

    private static Violation only(RegistrationResult result) {
        assertThat(result.getStatus()).isEqualTo(RegistrationStatus.REJECTED);
        assertThat(result.getViolations()).hasSize(1);
        return result.getViolations().getFirst();
    }

    private static List<String> codes(RegistrationResult result) {
        return result.getViolations().stream().map(Violation::getCode).toList();
    }
}
