package dev.firn.registration.hint;

import static dev.firn.registration.hint.RecordFormatTest.bytes;
import static dev.firn.registration.hint.RecordFormatTest.format;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;

import dev.firn.config.HintFormat;
import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import java.util.UUID;
import org.apache.iceberg.catalog.TableIdentifier;
import org.apache.iceberg.connect.events.AvroUtil;
import org.apache.iceberg.connect.events.CommitToTable;
import org.apache.iceberg.connect.events.Event;
import org.apache.iceberg.connect.events.TableReference;
import org.apache.kafka.common.header.Headers;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// Whatever a record holds, reading it ends soon, with an outcome.
final class HostileRecordsTest {
    private static final Duration LIMIT = Duration.ofSeconds(20);

    @ParameterizedTest
    @EnumSource(HintFormat.class)
    void readsAnyBytesToAnEnd(HintFormat kind) {
        RecordFormat format = format(kind.name().toLowerCase(Locale.ROOT).replace('_', '-'));
        Headers headers = new RecordHeaders()
                .add("ce_type", bytes("renameTable"))
                .add("ce_tabular-type", bytes("Table"))
                .add("ce_namespace", new byte[] {(byte) 0xff, 0, '.'})
                .add("ce_name", null);

        assertTimeoutPreemptively(LIMIT, () -> {
            for (byte[] value : values()) {
                assertThat(format.read(headers, value).outcome())
                        .isIn(HintOutcome.IGNORED, HintOutcome.UNDECODABLE, HintOutcome.TOO_LARGE);
            }
            assertThat(format.read(headers, null).hints()).isEmpty();
        });
    }

    @Test
    void readsACommitOfTheKafkaConnectSinkToAnEndHoweverItIsDamaged() {
        RecordFormat format = format("iceberg-connect");
        Random random = new Random(7);
        byte[] commit = commit();

        assertTimeoutPreemptively(LIMIT, () -> {
            assertThat(format.read(new RecordHeaders(), commit).outcome()).isEqualTo(HintOutcome.HEARD);
            for (int i = 0; i < 2_000; i++) {
                byte[] damaged = Arrays.copyOf(commit, random.nextInt(commit.length));
                if (damaged.length > 0) {
                    damaged[random.nextInt(damaged.length)] ^= (byte) (1 << random.nextInt(8));
                }
                assertThat(format.read(new RecordHeaders(), damaged)).isNotNull();
            }
        });
    }

    private static List<byte[]> values() throws IOException {
        return List.of(
                new byte[0],
                new byte[] {(byte) 0xC2, 1},
                bytes("null"),
                bytes("[]"),
                bytes("{}"),
                bytes("{\"Records\": {}, \"event_type\": 7, \"type\": []}"),
                bytes("{\"Records\": [[[]]], \"event_type\": {}, \"type\": null}"),
                bytes("{\"Records\": [{\"eventName\": 1}], \"type\": \"CONTENT_STORED\", \"content\": \"x\"}"),
                bytes("{\"event_type\": \"AFTER_UPDATE_TABLE\", \"namespace\": [[1]], \"table_name\": {}}"),
                bytes("{\"event_type\": \"AFTER_RENAME_TABLE\", \"source\": [], \"destination\": [\"\"]}"),
                bytes("{\"type\": \"CONTENT_REMOVED\", \"contentKey\": {\"elements\": [[\"a\"], 7]}}"),
                bytes("[".repeat(200_000)),
                bytes("{\"a\":".repeat(40_000)),
                bytes("{\"Records\": " + "9".repeat(200_000) + "}"),
                bytes("x".repeat(1_000_000)),
                framed("[".repeat(60_000), 0),
                framed("{\"type\":\"array\",\"items\":".repeat(2_000), 0),
                framed(record("\"int\"", "{\"type\":\"array\",\"items\":\"null\"}"), 6, 0xfe, 0xff, 0xff, 0xff, 0x7f),
                framed(record("\"int\"", "{\"type\":\"map\",\"values\":\"null\"}"), 6, 0xfe, 0xff, 0xff, 0xff, 0x7f),
                framed(record("\"string\"", "\"string\""), 0xfe, 0xff, 0xff, 0xff, 0x0f),
                framed(record("\"int\"", "{\"type\":\"fixed\",\"name\":\"F\",\"size\":2147483647}"), 6),
                framed("{\"type\":\"record\",\"name\":\"R\",\"fields\":[{\"name\":\"r\",\"type\":\"R\"}]}"),
                framed("{\"type\":\"record\",\"name\":\"java.lang.Runtime\",\"fields\":[]}"));
    }

    @Test
    void parsesNoValueThatIsTooLong() {
        byte[] notification = bytes("{\"Records\": []" + " ".repeat(262_144) + "}");
        assertThat(format("s3").read(new RecordHeaders(), notification)).isEqualTo(Reading.TOO_LARGE);
    }

    @Test
    void ignoresNamesThatNoTableHas() {
        assertThat(format("polaris")
                        .read(
                                new RecordHeaders(),
                                bytes("{\"event_type\": \"AFTER_UPDATE_TABLE\", \"catalog_name\": \"c\","
                                        + " \"namespace\": [\"gold\"], \"table_name\": \""
                                        + "t".repeat(100_000) + "\"}")))
                .isEqualTo(Reading.IGNORED);
    }

    /// Many hints may wait in memory, so each must be short.
    @Test
    void ignoresKeysThatNoObjectHas() {
        String longest = "k".repeat(1024 - ".metadata.json".length());
        assertThat(created(longest).outcome()).isEqualTo(HintOutcome.HEARD);
        assertThat(created("k" + longest)).isEqualTo(Reading.IGNORED);
        assertThat(created("%C3%A9" + longest)).isEqualTo(Reading.IGNORED);
    }

    private static Reading created(String name) {
        return format("s3")
                .read(
                        new RecordHeaders(),
                        bytes(
                                "{\"Records\": [{\"eventName\": \"ObjectCreated:Put\", \"s3\": {\"bucket\": {\"name\": \"b\"},"
                                        + " \"object\": {\"key\": \"" + name + ".metadata.json\"}}}]}"));
    }

    private static byte[] commit() {
        TableReference table = TableReference.of("iceberg", TableIdentifier.of("gold", "orders"), UUID.randomUUID());
        return AvroUtil.encode(new Event("g", new CommitToTable(UUID.randomUUID(), table, null, null)));
    }

    private static String record(String type, String payload) {
        return "{\"type\":\"record\",\"name\":\"E\",\"fields\":[{\"name\":\"type\",\"type\":%s},".formatted(type)
                + "{\"name\":\"payload\",\"type\":{\"type\":\"record\",\"name\":\"P\",\"fields\":["
                + "{\"name\":\"x\",\"type\":%s}]}}]}".formatted(payload);
    }

    private static byte[] framed(String schema, int... datum) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        DataOutputStream data = new DataOutputStream(bytes);
        data.writeShort(0xC201);
        data.writeUTF(schema);
        for (int next : datum) {
            data.write(next);
        }
        return bytes.toByteArray();
    }
}
