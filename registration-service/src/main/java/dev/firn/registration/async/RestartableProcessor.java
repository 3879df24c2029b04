package dev.firn.registration.async;

import dev.firn.registration.meter.RegistryMeters;
import org.apache.kafka.streams.processor.api.Processor;
import org.apache.kafka.streams.processor.api.ProcessorContext;
import org.apache.kafka.streams.processor.api.Record;
import org.jspecify.annotations.Nullable;

/// A processor that Kafka Streams may close and initialise again. What it has in memory belongs to an [Incarnation],
/// which lives from one `init` to the next. Records that were applied before are dropped ([InputPosition]).
///
/// @param <K> keys of the input
/// @param <V> values of the input
/// @param <F> keys of the records that are forwarded
public abstract class RestartableProcessor<K extends @Nullable Object, V extends @Nullable Object, F>
        implements Processor<K, V, F, Object> {
    private final String positionStore;
    private final RegistryMeters meters;
    private @Nullable Running<K, V> running;

    /// @param positionStore name of a store of [AppliedUpTo] by partition, for this processor alone
    protected RestartableProcessor(String positionStore, RegistryMeters meters) {
        this.positionStore = positionStore;
        this.meters = meters;
    }

    private record Running<K extends @Nullable Object, V extends @Nullable Object>(
            ProcessorContext<?, ?> context, InputPosition position, Incarnation<K, V> incarnation) {}

    /// The state of a processor from one `init` to the next. [#close] ends its work in the background.
    public interface Incarnation<K extends @Nullable Object, V extends @Nullable Object> {
        void process(Record<K, V> record);

        void close();
    }

    protected abstract Incarnation<K, V> begin(ProcessorContext<F, Object> context);

    @Override
    public final void init(ProcessorContext<F, Object> context) {
        InputPosition position = new InputPosition(context.getStateStore(positionStore), meters);
        running = new Running<>(context, position, begin(context));
    }

    @Override
    public final void process(Record<K, V> record) {
        if (running == null) {
            throw new IllegalStateException("not initialised");
        }
        if (running.position().advanceTo(running.context().recordMetadata().orElseThrow(), record.timestamp())) {
            running.incarnation().process(record);
        }
    }

    @Override
    public final void close() {
        if (running != null) {
            running.incarnation().close();
        }
    }
}
