package dev.firn.schemas;

import dev.firn.schemas.Decoded.Undecodable;
import dev.firn.schemas.Decoded.Value;
import dev.firn.schemas.RegistryClient.NoAvroSchemaException;
import dev.firn.schemas.WriterSchemas.Patience;
import dev.firn.schemas.WriterSchemas.UnservedSchemaException;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.avro.AvroRuntimeException;
import org.apache.avro.Schema;
import org.apache.avro.SchemaCompatibility;
import org.apache.avro.SchemaCompatibility.SchemaCompatibilityType;
import org.apache.avro.generic.GenericDatumReader;
import org.apache.avro.generic.GenericDatumWriter;
import org.apache.avro.generic.GenericRecord;
import org.apache.avro.io.DatumWriter;
import org.apache.avro.io.Decoder;
import org.apache.avro.io.DecoderFactory;
import org.apache.avro.io.EncoderFactory;
import org.apache.avro.specific.SpecificDatumReader;
import org.apache.avro.specific.SpecificDatumWriter;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.common.errors.SerializationException;
import org.jspecify.annotations.Nullable;

/// Events from and to bytes in Confluent's wire format: a zero byte, a four-byte schema id, Avro binary.
///
/// The one place where bytes become events; the Kafka serdes only delegate to it. Processors that choose between a dead
/// letter and a retry themselves take bytes and call [#decode]. Thread-safe. Each schema is fetched once and kept. The
/// reader's schema is always the generated class's, so events of older and newer schemas become this version's, with
/// defaults for fields they lack.
public final class AvroCodec implements AutoCloseable {
    private static final byte MAGIC = 0;
    private static final int HEADER_BYTES = 1 + Integer.BYTES;

    private record Reading(int schemaId, Class<?> event) {}

    private record Subject(String name, Schema schema) {}

    /// How to write one event to one subject.
    ///
    /// @param converts whether the subject's newest schema differs from the class's
    private record Writing(int schemaId, Schema schema, boolean converts) {}

    private final CodecSettings settings;
    private final RegistryClient registry;
    private final WriterSchemas schemas;
    private final Map<Reading, SpecificDatumReader<?>> readers = new ConcurrentHashMap<>();
    private final Map<Subject, Writing> writings = new ConcurrentHashMap<>();

    private AvroCodec(CodecSettings settings, Patience patience) {
        this.settings = settings;
        this.registry = new RegistryClient(settings.registry());
        this.schemas = new WriterSchemas(registry, patience, System::nanoTime);
    }

    /// A codec configured with the properties of Confluent's serializers, which have the same meaning and defaults
    /// here.
    ///
    /// @throws org.apache.kafka.common.config.ConfigException if a property has a value that is not supported here
    public static AvroCodec of(Map<String, ?> configs) {
        return new AvroCodec(CodecSettings.of(configs), Patience.NONE);
    }

    /// A codec for services: it never registers schemas, even if `configs` ask for it.
    public static AvroCodec forServices(Map<String, ?> configs) {
        return new AvroCodec(CodecSettings.of(configs).withoutRegistering(), Patience.NONE);
    }

    /// A codec for services that many threads decode with.
    ///
    /// @param rest pause after a failed call to the registry, in which every decoding that needs it fails at
    ///     once: a registry that hangs holds up one thread, not all
    /// @param refusal how long the registry may refuse the schema of one id while it serves others; after that,
    ///     events with the id are `UNSERVED_SCHEMA_ID`
    public static AvroCodec forServices(Map<String, ?> configs, Duration rest, Duration refusal) {
        return new AvroCodec(CodecSettings.of(configs).withoutRegistering(), new Patience(rest, refusal));
    }

    /// Decodes one event.
    ///
    /// @throws SchemaRegistryUnavailableException if the registry is needed and does not answer
    public <T extends SpecificRecord> Decoded<T> decode(Class<T> event, byte @Nullable [] bytes) {
        Decoded<T> refused = refused(bytes);
        if (refused != null || bytes == null) {
            return refused == null ? new Undecodable<>(UndecodableCode.NO_VALUE, "no value") : refused;
        }
        int id = ByteBuffer.wrap(bytes).getInt(1);
        try {
            Optional<Schema> writer = schemas.of(id);
            return writer.isPresent()
                    ? decoded(event, id, writer.get(), bytes)
                    : new Undecodable<>(UndecodableCode.UNKNOWN_SCHEMA_ID, "the registry has no schema " + id);
        } catch (NoAvroSchemaException e) {
            return new Undecodable<>(UndecodableCode.ANOTHER_EVENT, "schema " + id + " is not an Avro schema");
        } catch (UnservedSchemaException e) {
            return new Undecodable<>(
                    UndecodableCode.UNSERVED_SCHEMA_ID,
                    "the registry serves other schemas but refuses schema " + id + ": " + e.getMessage());
        }
    }

    /// Fetches and keeps the newest schema of `topic`'s values, so that its events can be decoded without the registry.
    ///
    /// From then on, a registry that does not have this schema counts as unavailable when it does not know
    /// the schema of an event: it has lost its schemas, and the event may be good.
    ///
    /// @throws SchemaRegistryUnavailableException if the registry does not have it or does not answer
    public void learn(String topic) {
        String subject = topic + "-value";
        try {
            var latest = registry.latest(subject);
            if (latest.isPresent()) {
                schemas.putOwn(latest.get().id(), latest.get().schema());
                return;
            }
        } catch (SchemaRefusedException | NoAvroSchemaException e) {
            throw new SchemaRegistryUnavailableException("[subject " + subject + "] " + e.getMessage(), e);
        }
        throw new SchemaRegistryUnavailableException("[subject " + subject + "] the registry has no schema", null);
    }

    /// Fetches and keeps the schema to write `topic` with, so that a service that has started can write without the
    /// registry.
    ///
    /// @throws SchemaRegistryUnavailableException if the registry does not answer
    /// @throws SchemaRefusedException if the registry has no schema to write with
    public void prepare(String topic, Class<? extends SpecificRecord> event) {
        writings.computeIfAbsent(new Subject(topic + "-value", EventModel.INSTANCE.getSchema(event)), this::writing);
    }

    /// Encodes `event` as a value of `topic`.
    ///
    /// @throws SchemaRegistryUnavailableException if the registry is needed and does not answer
    /// @throws SchemaRefusedException if the registry has no schema to write with, or refuses the event's
    public byte[] encode(String topic, SpecificRecord event) {
        return encodeFor(topic + "-value", event);
    }

    byte[] encodeFor(String subject, SpecificRecord event) {
        Schema schema = event.getSchema();
        Writing writing = writings.computeIfAbsent(new Subject(subject, schema), this::writing);
        var out = new ByteArrayOutputStream(512);
        out.write(MAGIC);
        out.writeBytes(
                ByteBuffer.allocate(Integer.BYTES).putInt(writing.schemaId()).array());
        try {
            if (writing.converts()) {
                write(out, new GenericDatumWriter<>(writing.schema()), converted(event, writing.schema()));
            } else {
                write(out, new SpecificDatumWriter<>(schema, EventModel.INSTANCE), event);
            }
        } catch (IOException | AvroRuntimeException | ClassCastException | NullPointerException e) {
            throw new SerializationException(
                    "[" + subject + "] " + schema.getName() + " lacks a value for a required field", e);
        }
        return out.toByteArray();
    }

    private static <T> @Nullable Decoded<T> refused(byte @Nullable [] bytes) {
        if (bytes == null) {
            return null;
        }
        if (bytes.length < HEADER_BYTES) {
            return new Undecodable<>(UndecodableCode.TOO_SHORT, "expected 5 bytes or more, found " + bytes.length);
        }
        if (bytes[0] != MAGIC) {
            return new Undecodable<>(
                    UndecodableCode.NOT_MAGIC, "expected first byte 0x00, found 0x%02x".formatted(bytes[0]));
        }
        return bytes.length <= Limits.EVENT_BYTES
                ? null
                : new Undecodable<>(
                        UndecodableCode.TOO_LARGE,
                        "expected at most " + Limits.EVENT_BYTES + " bytes, found " + bytes.length);
    }

    private <T extends SpecificRecord> Decoded<T> decoded(Class<T> event, int id, Schema writer, byte[] bytes) {
        Schema expected = EventModel.INSTANCE.getSchema(event);
        if (writer.getType() != Schema.Type.RECORD || !writer.getFullName().equals(expected.getFullName())) {
            return new Undecodable<>(
                    UndecodableCode.ANOTHER_EVENT,
                    "schema " + id + " is " + writer.getFullName() + ", not " + expected.getFullName());
        }
        var reader = readers.get(new Reading(id, event));
        if (reader == null) {
            var compatibility = SchemaCompatibility.checkReaderWriterCompatibility(expected, writer);
            if (compatibility.getType() != SchemaCompatibilityType.COMPATIBLE) {
                return new Undecodable<>(
                        UndecodableCode.INCOMPATIBLE_SCHEMA,
                        "schema " + id + " is not compatible with this version's " + expected.getName());
            }
            reader = new SpecificDatumReader<T>(writer, expected, EventModel.INSTANCE);
            readers.put(new Reading(id, event), reader);
        }
        try {
            AvroShape.check(writer, bytes, HEADER_BYTES);
            var decoder = DecoderFactory.get().binaryDecoder(bytes, HEADER_BYTES, bytes.length - HEADER_BYTES, null);
            return new Value<>(event.cast(read(reader, decoder)));
        } catch (AvroShape.MalformedException e) {
            return new Undecodable<>(UndecodableCode.MALFORMED, "schema " + id + ", " + e.getMessage());
        } catch (IOException | RuntimeException e) {
            // the same bytes would make the reader throw again
            return new Undecodable<>(UndecodableCode.MALFORMED, "schema " + id + ", a value does not fit its field");
        }
    }

    private static Object read(SpecificDatumReader<?> reader, Decoder decoder) throws IOException {
        return reader.read(null, decoder);
    }

    private Writing writing(Subject subject) {
        Schema schema = PortableSchema.of(subject.schema());
        if (settings.autoRegister()) {
            return new Writing(registry.register(subject.name(), schema), schema, false);
        }
        if (settings.useLatest()) {
            var latest = registry.latest(subject.name()).orElseThrow(() -> notRegistered(subject));
            return new Writing(latest.id(), latest.schema(), !latest.schema().equals(schema));
        }
        int id = registry.lookup(subject.name(), schema).orElseThrow(() -> notRegistered(subject));
        return new Writing(id, schema, false);
    }

    private static SchemaRefusedException notRegistered(Subject subject) {
        return new SchemaRefusedException("[subject " + subject.name() + "] this version's "
                + subject.schema().getFullName()
                + " is not registered, and auto.register.schemas is off; `firn topics create` registers it");
    }

    /// The event in another schema of its subject, which FULL_TRANSITIVE makes possible.
    private static GenericRecord converted(SpecificRecord event, Schema schema) throws IOException {
        var out = new ByteArrayOutputStream(512);
        Schema ours = event.getSchema();
        write(out, new SpecificDatumWriter<>(ours, EventModel.INSTANCE), event);
        return new GenericDatumReader<GenericRecord>(ours, schema)
                .read(null, DecoderFactory.get().binaryDecoder(out.toByteArray(), null));
    }

    private static <D> void write(ByteArrayOutputStream out, DatumWriter<D> writer, D datum) throws IOException {
        var encoder = EncoderFactory.get().binaryEncoder(out, null);
        writer.write(datum, encoder);
        encoder.flush();
    }

    @Override
    public void close() {
        registry.close();
    }
}
