package dev.firn.registration;

import dev.firn.config.FirnConfig;
import dev.firn.events.RegistrationRequest;
import dev.firn.events.RetrievalResult;
import dev.firn.events.StandingRequest;
import dev.firn.events.TableHint;
import dev.firn.registration.async.WorkPool;
import dev.firn.registration.hint.HintBoard;
import dev.firn.registration.meter.RegistryMeters;
import dev.firn.registration.table.TableObserver;
import dev.firn.registration.table.TableProcessor;
import dev.firn.registration.validation.ViewValidator;
import dev.firn.schemas.Decoded;
import dev.firn.service.event.EventDecoder;
import dev.firn.service.event.Frames;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Duration;
import java.util.Objects;
import java.util.random.RandomGenerator;
import org.apache.avro.specific.SpecificRecordBase;
import org.apache.kafka.common.serialization.Serializer;
import org.apache.kafka.streams.Topology;

/// The topology on a real broker, with real transactions and stores. Events are framed without a schema
/// registry; Trino and the catalog are what a test says.
final class FramedRegistry {
    private FramedRegistry() {}

    static RegistryStreams start(
            RealRegistry registry,
            FirnConfig config,
            ViewValidator validator,
            TableObserver observer,
            MeterRegistry meters) {
        WorkPool validations = new WorkPool("validation", 8);
        WorkPool looks = new WorkPool("look", 4);
        StreamsIntake intake = new StreamsIntake();
        RegistryTopology.Work work = new RegistryTopology.Work(
                validator,
                Duration.ofMinutes(2),
                validations,
                observer,
                (name, look) -> looks.execute(look),
                new RegistryFixture.FakeSpines(),
                Runnable::run,
                RandomGenerator.getDefault(),
                new TableProcessor.Hints(new HintBoard(), Duration.ZERO),
                intake,
                new RegistryMeters(meters));
        RegistryTopology.Wire wire = new RegistryTopology.Wire(
                decoder(RegistrationRequest.class),
                decoder(TableHint.class),
                decoder(StandingRequest.class),
                decoder(RetrievalResult.class),
                serializer(),
                serializer(),
                serializer(),
                serializer(),
                serializer(),
                serializer());
        Topology topology =
                RegistryTopology.build(registry.namespace, wire, work, config.registration(), config.refresh());
        RegistryStreams streams = RegistryStreams.of(config, registry.namespace, topology, intake);
        streams.start();
        return streams;
    }

    private static <E extends SpecificRecordBase> EventDecoder<E> decoder(Class<E> type) {
        return bytes -> new Decoded.Value<>(Frames.decode(type, Objects.requireNonNull(bytes)));
    }

    private static <E extends SpecificRecordBase> Serializer<E> serializer() {
        return (topic, event) -> event == null ? null : Frames.encode(event);
    }
}
