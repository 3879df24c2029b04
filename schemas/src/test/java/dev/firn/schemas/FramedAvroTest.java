package dev.firn.schemas;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.firn.events.TableHint;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.List;
import org.apache.avro.Schema;
import org.apache.avro.SchemaNormalization;
import org.apache.avro.SchemaParser;
import org.apache.avro.generic.GenericData;
import org.apache.avro.generic.GenericRecord;
import org.apache.avro.message.BinaryMessageEncoder;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.common.errors.SerializationException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

final class FramedAvroTest {
    private static final TableHint HINT = new TableHint("c", "s", "t", "");

    @ParameterizedTest
    @MethodSource("dev.firn.schemas.ReleasesTest#events")
    void readsBackWhatItFramed(Class<? extends SpecificRecord> event) {
        readsBack(event, System.nanoTime());
    }

    private static <T extends SpecificRecord> void readsBack(Class<T> event, long seed) {
        FramedAvro<T> framed = FramedAvro.of(event);
        T record = new RandomEvents(seed).next(event);

        assertThat(framed.decode(framed.encode(record))).as("seed %d", seed).isEqualTo(record);
    }

    @Test
    void theFrameIsAvrosSingleObjectEncoding() throws Exception {
        assertThat(FramedAvro.of(TableHint.class).encode(HINT))
                .isEqualTo(HINT.toByteBuffer().array());
    }

    @ParameterizedTest
    @MethodSource("dev.firn.schemas.ReleasesTest#events")
    void readsWhatEveryReleaseFramed(Class<? extends SpecificRecord> event) throws IOException {
        long seed = System.nanoTime();
        for (Schema writer : Releases.schemas(event.getSimpleName())) {
            var out = new ByteArrayOutputStream();
            var encoder = new BinaryMessageEncoder<GenericRecord>(GenericData.get(), writer);
            encoder.encode(new RandomEvents(seed).next(writer), out);

            assertThat(FramedAvro.of(event).decode(out.toByteArray()))
                    .as("seed %d", seed)
                    .isNotNull();
        }
    }

    @Test
    void readsWhatAnOlderVersionFramed() {
        Schema older = SchemaParser.parseSingle("""
                {"type":"record","name":"TableHint","namespace":"dev.firn.events","fields":[
                 {"name":"catalog","type":"string"},{"name":"schema","type":"string"},{"name":"table_name","type":"string"}]}""");
        byte[] bytes = {(byte) 0xC3, 1, 0, 0, 0, 0, 0, 0, 0, 0, 2, 'c', 2, 's', 2, 't'};
        long fingerprint = SchemaNormalization.parsingFingerprint64(older);
        for (int i = 0; i < Long.BYTES; i++) {
            bytes[2 + i] = (byte) (fingerprint >>> (8 * i));
        }

        assertThat(FramedAvro.of(TableHint.class, List.of(older)).decode(bytes)).isEqualTo(HINT);
        assertThatThrownBy(() -> FramedAvro.of(TableHint.class).decode(bytes))
                .isInstanceOf(SerializationException.class)
                .hasMessageContaining("[TableHint] framed by schema %016x".formatted(fingerprint));
    }

    @Test
    void refusesBytesThatAreNotAFrame() {
        FramedAvro<TableHint> framed = FramedAvro.of(TableHint.class);
        byte[] cut = framed.encode(HINT);
        cut[cut.length - 1] = 9;

        assertThatThrownBy(() -> framed.decode(new byte[] {0, 0, 0, 0, 1, 2})).hasMessageContaining("expected a frame");
        assertThatThrownBy(() -> framed.decode(cut)).hasMessageContaining("damaged frame: at byte");
    }

    @Test
    void aTombstoneStaysOne() {
        var serde = FramedAvro.of(TableHint.class).serde();

        assertThat(serde.serializer().serialize("t", null)).isNull();
        assertThat(serde.deserializer().deserialize("t", (byte[]) null)).isNull();
    }
}
