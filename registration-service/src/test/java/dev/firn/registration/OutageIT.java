package dev.firn.registration;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.firn.events.RegistrationRequest;
import dev.firn.events.RegistrationResult;
import dev.firn.events.RegistrationStatus;
import dev.firn.events.TableSource;
import dev.firn.schemas.Releases;
import dev.firn.schemas.Topic;
import dev.firn.testkit.FaultyLink;
import dev.firn.testkit.TestStack;
import dev.firn.testkit.Trino;
import dev.firn.testkit.WithStack;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.avro.Schema;
import org.apache.avro.generic.GenericData;
import org.apache.avro.generic.GenericDatumReader;
import org.apache.avro.generic.GenericDatumWriter;
import org.apache.avro.generic.GenericRecord;
import org.apache.avro.io.DecoderFactory;
import org.apache.avro.io.EncoderFactory;
import org.apache.avro.specific.SpecificDatumWriter;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// What happens while a neighbour or the service itself is away, and to events of an older schema.
@WithStack
final class OutageIT {
    private static String schema;

    @BeforeAll
    static void table(Trino trino) {
        schema = trino.newSchema();
        trino.execute(
                "CREATE TABLE iceberg.%s.customer_aggregates (customer_id bigint, total_orders bigint, avg_order_value double, updated_at timestamp(6) with time zone)"
                        .formatted(schema));
    }

    /// Requests with the newest schema do not need the schema registry. Those with another one wait, whether
    /// it refuses or hangs.
    @ParameterizedTest
    @EnumSource(
            value = FaultyLink.Fault.class,
            names = {"REFUSE", "HANG"})
    void schemaRegistryAwayDelaysUnknownSchemasAndDeadLettersNothing(FaultyLink.Fault how, TestStack stack)
            throws Exception {
        URI url = URI.create(stack.addresses().schemaRegistryUrl());
        try (FaultyLink link = new FaultyLink(url.getHost(), url.getPort());
                RealRegistry registry = new RealRegistry(stack)) {
            registry.start(
                    Map.of("firn.schema-registry.url", "http://127.0.0.1:%d%s".formatted(link.port(), url.getPath())));
            Schema older = without("dry_run", "expected_version", "tags", "owner");
            int id = register(stack, registry.topic(Topic.REGISTRATION_REQUESTS) + "-value", older);
            RealRegistry.Reader<RegistrationResult> results = registry.results();
            link.fail(how);
            registry.send(request("newest", "patient"));
            assertThat(results.awaitCount(1))
                    .extracting(RegistrationResult::getRequestId)
                    .containsExactly("newest");

            List<String> waiting = new ArrayList<>();
            for (int i = 0; i < 12; i++) {
                String view = "patient_" + i % 6; // spread over partitions, each decoded by another task
                waiting.add("r" + i);
                registry.send(Topic.REGISTRATION_REQUESTS, view, encoded(request("r" + i, view), older, id));
            }
            assertThat(results.all(Duration.ofSeconds(4))).hasSize(1);
            link.heal();

            assertThat(results.awaitCount(13))
                    .extracting(RegistrationResult::getRequestId)
                    .containsAll(waiting)
                    .doesNotHaveDuplicates();
            assertThat(registry.rawReader(Topic.DEAD_LETTERS).all(Duration.ofMillis(500)))
                    .isEmpty();
        }
    }

    @Test
    void killedServiceAnswersEachRequestOnceAfterItsRestart(TestStack stack) throws Exception {
        try (ServerSocket deaf = new ServerSocket(0);
                RealRegistry registry = new RealRegistry(stack)) {
            Process dying = registry.spawn(Map.of("firn.trino.port", Integer.toString(deaf.getLocalPort())));
            try {
                for (int i = 0; i < 20; i++) {
                    registry.send(request("r" + i, "view_" + i % 10));
                }
                deaf.accept().close(); // a validation has started
            } finally {
                dying.destroyForcibly().waitFor();
            }
            assertThat(registry.results().all(Duration.ofMillis(500))).isEmpty();

            long restarted = System.nanoTime();
            registry.start(Map.of());
            RealRegistry.Reader<RegistrationResult> results = registry.results();
            results.awaitCount(20);
            System.out.println("all answered after a kill, in ms since the restart: "
                    + (System.nanoTime() - restarted) / 1_000_000);
            assertThat(results.all(Duration.ofSeconds(2)))
                    .extracting(RegistrationResult::getRequestId)
                    .hasSize(20)
                    .doesNotHaveDuplicates();
        }
    }

    @Test
    void eventOfAnOlderSchemaIsRead(TestStack stack) throws Exception {
        try (RealRegistry registry = new RealRegistry(stack).started()) {
            Schema older = without("dry_run", "expected_version", "tags", "owner");
            int id = register(stack, registry.topic(Topic.REGISTRATION_REQUESTS) + "-value", older);
            registry.send(Topic.REGISTRATION_REQUESTS, "older", encoded(request("old1", "older"), older, id));

            RegistrationResult result = registry.results()
                    .await(answer -> answer.getRequestId().equals("old1"), "old1")
                    .value();
            assertThat(result.getStatus()).isEqualTo(RegistrationStatus.REGISTERED);
        }
    }

    private static RegistrationRequest request(String id, String view) {
        RegistrationRequest.Builder request = Views.request(id, view);
        return request.setSource(TableSource.newBuilder(request.getSource())
                        .setSchema$(schema)
                        .build())
                .build();
    }

    private static Schema without(String... names) {
        Schema current = Releases.current(RegistrationRequest.class);
        List<Schema.Field> kept = new ArrayList<>();
        for (Schema.Field field : current.getFields()) {
            if (!List.of(names).contains(field.name())) {
                kept.add(new Schema.Field(field, field.schema()));
            }
        }
        return Schema.createRecord(current.getName(), current.getDoc(), current.getNamespace(), false, kept);
    }

    private static int register(TestStack stack, String subject, Schema older) throws Exception {
        ObjectMapper json = new ObjectMapper();
        try (HttpClient http = HttpClient.newHttpClient()) {
            HttpResponse<String> answer = http.send(
                    HttpRequest.newBuilder(URI.create("%s/subjects/%s/versions"
                                    .formatted(stack.addresses().schemaRegistryUrl(), subject)))
                            .header("Content-Type", "application/vnd.schemaregistry.v1+json")
                            .POST(HttpRequest.BodyPublishers.ofString(
                                    json.writeValueAsString(Map.of("schema", older.toString()))))
                            .build(),
                    HttpResponse.BodyHandlers.ofString());
            assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
            return json.readTree(answer.body()).get("id").asInt();
        }
    }

    private static byte[] encoded(RegistrationRequest request, Schema older, int id) throws IOException {
        ByteArrayOutputStream full = new ByteArrayOutputStream();
        var encoder = EncoderFactory.get().binaryEncoder(full, null);
        new SpecificDatumWriter<>(RegistrationRequest.class).write(request, encoder);
        encoder.flush();
        GenericRecord record = new GenericDatumReader<GenericRecord>(
                        RegistrationRequest.SCHEMA$, older, new GenericData())
                .read(null, DecoderFactory.get().binaryDecoder(full.toByteArray(), null));
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        out.write(0);
        out.writeBytes(ByteBuffer.allocate(4).putInt(id).array());
        var olderEncoder = EncoderFactory.get().binaryEncoder(out, null);
        new GenericDatumWriter<GenericRecord>(older).write(record, olderEncoder);
        olderEncoder.flush();
        return out.toByteArray();
    }
}
