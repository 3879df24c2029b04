package dev.firn.schemas;

import static org.assertj.core.api.Assertions.assertThat;

import dev.firn.events.PreviousRun;
import dev.firn.events.RegistrationRequest;
import dev.firn.events.RetrievalRequest;
import dev.firn.events.Spine;
import dev.firn.events.SpineKind;
import dev.firn.events.StandingRequest;
import dev.firn.events.TableHint;
import dev.firn.events.ViewUse;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import org.apache.avro.Schema;
import org.apache.avro.generic.GenericDatumReader;
import org.apache.avro.generic.GenericEnumSymbol;
import org.apache.avro.generic.GenericRecord;
import org.apache.avro.io.DecoderFactory;
import org.apache.avro.io.EncoderFactory;
import org.apache.avro.specific.SpecificDatumWriter;
import org.apache.avro.specific.SpecificRecord;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

final class RequestDigestTest {
    /// Lets Avro instantiate events, whichever test runs first.
    @BeforeAll
    static void trustEvents() {
        assertThat(EventModel.INSTANCE).isNotNull();
    }

    @ParameterizedTest
    @MethodSource("dev.firn.schemas.ReleasesTest#events")
    void equalEventsHaveEqualDigestsHoweverTheyWereEncoded(Class<? extends SpecificRecord> event) {
        agrees(event, System.nanoTime());
    }

    private static <T extends SpecificRecord> void agrees(Class<T> event, long seed) {
        FramedAvro<T> framed = FramedAvro.of(event);
        T record = new RandomEvents(seed).next(event);
        T copy = framed.decode(framed.encode(record));
        T viaJson = EventJson.read(event, EventJson.write(record));

        assertThat(RequestDigest.of(record))
                .as("seed %d", seed)
                .matches("[0-9a-f]{64}")
                .isEqualTo(RequestDigest.of(copy))
                .isEqualTo(RequestDigest.of(viaJson));
    }

    /// Fails if a field at its default counts, as every field added later is in older requests.
    @Test
    void isPinnedForever() {
        assertThat(RequestDigest.of(new TableHint("iceberg", "gold", "orders", "")))
                .isEqualTo("af0244b86117bf540464769d4f7092e35255c611e318e99135a51ec2464e79d4");
        assertThat(RequestDigest.of(request("r", List.of(List.of("7", "2024-01-31T09:30:00Z")))))
                .isEqualTo("d220a9cf275690b058366a1e2b13c491a0782885e6cfb30ab264f5af87b0508d");
    }

    @Test
    void aFieldAtItsDefaultDoesNotCount() {
        var bare = request("r", List.of());
        var spelled = RetrievalRequest.newBuilder(bare)
                .setViews(new ArrayList<>())
                .setFilterByCreated(false)
                .build();

        assertThat(RequestDigest.of(spelled)).isEqualTo(RequestDigest.of(bare));
        assertThat(RequestDigest.of(RetrievalRequest.newBuilder(bare)
                        .setFilterByCreated(true)
                        .build()))
                .isNotEqualTo(RequestDigest.of(bare));
    }

    @Test
    void aDeadlineDoesNotCount() {
        var bare = request("r", List.of());
        var limited = RetrievalRequest.newBuilder(bare)
                .setDeadline(Instant.parse("2030-01-01T00:00:00Z"))
                .build();

        assertThat(RequestDigest.of(limited)).isEqualTo(RequestDigest.of(bare));
        assertThat(RequestDigest.of(standing(limited))).isEqualTo(RequestDigest.of(standing(bare)));
    }

    /// A worker that does not know the field gives the run the same digest.
    @Test
    void thePreviousRunDoesNotCount() {
        var bare = request("r", List.of());
        var refreshed = RetrievalRequest.newBuilder(bare)
                .setPreviousRun(new PreviousRun("daily-1", "s3://lake/results/firn/daily-1/_manifest.json"))
                .build();

        assertThat(RequestDigest.of(refreshed)).isEqualTo(RequestDigest.of(bare));
    }

    /// Workers are upgraded before producers use new fields. Until then, and after, both give a request one digest.
    @ParameterizedTest
    @ValueSource(strings = {"v1", "v2"})
    void aWorkerOfAnEarlierReleaseGivesTheSameDigest(String release) {
        var request = RetrievalRequest.newBuilder(request("r", List.of(List.of("7", "2024-01-31T09:30:00Z"))))
                .setDeadline(Instant.parse("2030-01-01T00:00:00Z"))
                .build();
        Schema reader =
                Objects.requireNonNull(Releases.byVersion("RetrievalRequest").get(release));

        assertThat(RequestDigest.of(OldRecord.read(request, reader))).isEqualTo(RequestDigest.of(request));
    }

    /// A record as a program with an earlier release's schema reads it.
    private record OldRecord(GenericRecord record) implements SpecificRecord {
        static OldRecord read(SpecificRecord event, Schema reader) {
            try {
                var bytes = new ByteArrayOutputStream();
                var encoder = EncoderFactory.get().directBinaryEncoder(bytes, null);
                new SpecificDatumWriter<SpecificRecord>(event.getSchema(), EventModel.INSTANCE).write(event, encoder);
                var decoder = DecoderFactory.get().binaryDecoder(bytes.toByteArray(), null);
                return new OldRecord(
                        new GenericDatumReader<GenericRecord>(event.getSchema(), reader).read(null, decoder));
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }

        @Override
        public Schema getSchema() {
            return record.getSchema();
        }

        @Override
        public @Nullable Object get(int field) {
            return switch (record.get(field)) {
                case GenericRecord nested -> new OldRecord(nested);
                case GenericEnumSymbol<?> symbol -> SpineKind.valueOf(symbol.toString());
                case null -> null;
                case Object value -> value;
            };
        }

        @Override
        public void put(int field, Object value) {
            throw new UnsupportedOperationException();
        }
    }

    @Test
    void theOrderOfAMapDoesNotCountAndThatOfAListDoes() {
        var ascending = new TreeMap<>(Map.of("a", "1", "b", "2", "c", "3"));
        var descending = new TreeMap<String, String>(Collections.reverseOrder());
        descending.putAll(ascending);

        assertThat(RequestDigest.of(tagged(ascending))).isEqualTo(RequestDigest.of(tagged(descending)));
        assertThat(RequestDigest.of(request("r", List.of(List.of("1", "2")))))
                .isNotEqualTo(RequestDigest.of(request("r", List.of(List.of("2", "1")))));
    }

    @Test
    void theIdOfARequestDoesNotCountEvenInsideAnother() {
        assertThat(RequestDigest.of(request("one", List.of()))).isEqualTo(RequestDigest.of(request("two", List.of())));
        assertThat(RequestDigest.of(standing(request("one", List.of()))))
                .isEqualTo(RequestDigest.of(standing(request("two", List.of()))));
    }

    @Test
    void differentRequestsDiffer() {
        var digests = new HashSet<String>();
        var requests = List.of(
                request("r", List.of()),
                request("r", List.of(List.of())),
                request("r", List.of(List.of(), List.of())),
                request("r", List.of(List.of(""))),
                request("r", List.of(Collections.singletonList(null))),
                request("r", List.of(List.of("ab", "c"))),
                request("r", List.of(List.of("a", "bc"))),
                request("r", List.of(List.of("a"), List.of("bc"))),
                used(null),
                used(Instant.EPOCH),
                used(Instant.ofEpochSecond(0, 1_000)));

        requests.forEach(
                request -> assertThat(digests.add(RequestDigest.of(request))).isTrue());
    }

    @Test
    void theLargestEventTakesMilliseconds() {
        var rows = new ArrayList<List<String>>();
        for (int i = 0; i < Limits.INLINE_SPINE_ROWS; i++) {
            rows.add(List.of("customer-%08d".formatted(i), "2024-01-01T00:00:00.%06dZ".formatted(i), "x".repeat(40)));
        }
        var large = request("r", rows);
        String digest = RequestDigest.of(large);
        long start = System.nanoTime();
        for (int i = 0; i < 5; i++) {
            assertThat(RequestDigest.of(large)).isEqualTo(digest);
        }

        assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(5));
    }

    private static RetrievalRequest request(String id, List<List<String>> rows) {
        return RetrievalRequest.newBuilder()
                .setRequestId(id)
                .setSpine(
                        Spine.newBuilder().setKind(SpineKind.ROWS).setRows(rows).build())
                .setFeatures(List.of("v:f"))
                .build();
    }

    /// pandas' NaT is the smallest instant; a worker that cannot digest it would retry forever.
    @ParameterizedTest
    @ValueSource(longs = {Long.MIN_VALUE, Long.MIN_VALUE + 1, Long.MIN_VALUE + 775_807, -1, 0, 1, Long.MAX_VALUE})
    void everyInstantHasItsOwnDigest(long micros) {
        Instant instant = Micros.instant(micros);
        assertThat(Micros.of(instant)).isEqualTo(micros);
        long other = micros == Long.MAX_VALUE ? micros - 1 : micros + 1;
        assertThat(RequestDigest.of(used(instant))).isNotEqualTo(RequestDigest.of(used(Micros.instant(other))));
    }

    private static RetrievalRequest used(@Nullable Instant asOf) {
        return RetrievalRequest.newBuilder(request("r", List.of()))
                .setViews(List.of(
                        ViewUse.newBuilder().setView("v").setSnapshotAsOf(asOf).build()))
                .build();
    }

    private static StandingRequest standing(RetrievalRequest retrieval) {
        return StandingRequest.newBuilder()
                .setRequestId("s")
                .setStandingId("daily")
                .setRetrieval(retrieval)
                .build();
    }

    private static RegistrationRequest tagged(Map<String, String> tags) {
        return RegistrationRequest.newBuilder()
                .setRequestId("r")
                .setName("v")
                .setTags(tags)
                .build();
    }
}
