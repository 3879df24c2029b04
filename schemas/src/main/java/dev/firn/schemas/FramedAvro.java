package dev.firn.schemas;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.avro.AvroRuntimeException;
import org.apache.avro.Schema;
import org.apache.avro.SchemaNormalization;
import org.apache.avro.io.DecoderFactory;
import org.apache.avro.io.EncoderFactory;
import org.apache.avro.specific.SpecificDatumReader;
import org.apache.avro.specific.SpecificDatumWriter;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.common.errors.SerializationException;
import org.apache.kafka.common.serialization.Serde;
import org.apache.kafka.common.serialization.Serdes;
import org.jspecify.annotations.Nullable;

/// Events in state stores and internal topics, which need no registry. They are in Avro's single-object encoding
/// (specification, "Single-object encoding"): the bytes `C3 01`, the CRC-64-AVRO of the writer's schema in little
/// endian, Avro binary.
///
/// The schemas of all [released versions][Releases] are in the jar, so what an older version stored stays readable.
/// Immutable and thread-safe.
public final class FramedAvro<T extends SpecificRecord> {
    private static final byte MARKER = (byte) 0xC3;
    private static final byte FORMAT = 1;
    private static final int HEADER_BYTES = 2 + Long.BYTES;

    private final Class<T> event;
    private final Schema schema;
    private final long fingerprint;
    private final Map<Long, Schema> writers = new HashMap<>();
    private final Map<Long, SpecificDatumReader<T>> readers = new HashMap<>();

    private FramedAvro(Class<T> event, Collection<Schema> older) {
        this.event = event;
        this.schema = EventModel.INSTANCE.getSchema(event);
        this.fingerprint = SchemaNormalization.parsingFingerprint64(schema);
        older.forEach(this::addWriter);
        addWriter(schema);
    }

    /// For an event of a topic; reads what any released version wrote.
    public static <T extends SpecificRecord> FramedAvro<T> of(Class<T> event) {
        return new FramedAvro<>(event, Releases.schemas(event.getSimpleName()));
    }

    /// For another record; also reads what was written with one of the `older` schemas.
    public static <T extends SpecificRecord> FramedAvro<T> of(Class<T> record, List<Schema> older) {
        return new FramedAvro<>(record, older);
    }

    private void addWriter(Schema writer) {
        long print = SchemaNormalization.parsingFingerprint64(writer);
        writers.put(print, writer);
        readers.put(print, new SpecificDatumReader<>(writer, schema, EventModel.INSTANCE));
    }

    /// Encodes `record`.
    public byte[] encode(T record) {
        var out = new ByteArrayOutputStream(512);
        out.write(MARKER);
        out.write(FORMAT);
        out.writeBytes(ByteBuffer.allocate(Long.BYTES)
                .order(ByteOrder.LITTLE_ENDIAN)
                .putLong(fingerprint)
                .array());
        var encoder = EncoderFactory.get().binaryEncoder(out, null);
        try {
            new SpecificDatumWriter<T>(schema, EventModel.INSTANCE).write(record, encoder);
            encoder.flush();
        } catch (IOException | AvroRuntimeException | ClassCastException | NullPointerException e) {
            throw new SerializationException("[" + schema.getName() + "] lacks a value for a required field", e);
        }
        return out.toByteArray();
    }

    /// Decodes one record.
    ///
    /// @throws SerializationException if `bytes` are not a frame, have an unknown schema or are damaged; Firn wrote
    ///     them itself, so this is a failure and never a dead letter
    public T decode(byte[] bytes) {
        if (bytes.length < HEADER_BYTES || bytes[0] != MARKER || bytes[1] != FORMAT) {
            throw new SerializationException("[" + schema.getName() + "] expected a frame C3 01, found other bytes");
        }
        long print = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).getLong(2);
        SpecificDatumReader<T> reader = readers.get(print);
        Schema writer = writers.get(print);
        if (reader == null || writer == null) {
            throw new SerializationException("[%s] framed by schema %016x, which only a newer version of Firn knows"
                    .formatted(schema.getName(), print));
        }
        try {
            AvroShape.check(writer, bytes, HEADER_BYTES);
            var decoder = DecoderFactory.get().binaryDecoder(bytes, HEADER_BYTES, bytes.length - HEADER_BYTES, null);
            return event.cast(reader.read(null, decoder));
        } catch (AvroShape.MalformedException | IOException | AvroRuntimeException e) {
            throw new SerializationException("[" + schema.getName() + "] damaged frame: " + e.getMessage(), e);
        }
    }

    /// For stores and internal topics; null stays null.
    public Serde<T> serde() {
        return Serdes.serdeFrom((topic, record) -> encodeNullable(record), (topic, bytes) -> decodeNullable(bytes));
    }

    private byte @Nullable [] encodeNullable(@Nullable T record) {
        return record == null ? null : encode(record);
    }

    private @Nullable T decodeNullable(byte @Nullable [] bytes) {
        return bytes == null ? null : decode(bytes);
    }
}
