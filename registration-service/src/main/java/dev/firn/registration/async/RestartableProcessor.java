package dev.firn.registration.async;

import org.apache.kafka.streams.processor.api.Processor;
import org.apache.kafka.streams.processor.api.ProcessorContext;
import org.apache.kafka.streams.processor.api.Record;
import org.jspecify.annotations.Nullable;

/// A processor that Kafka Streams may close and begin again: what it holds in memory lives in an [Incarnation], from
/// one `init` to the next.
///
/// @param <K> keys of what comes in
/// @param <V> values of what comes in
/// @param <F> keys of what is forwarded
public abstract class RestartableProcessor<K extends @Nullable Object, V extends @Nullable Object, F>
        implements Processor<K, V, F, Object> {
    private @Nullable Incarnation<K, V> incarnation;

    /// What lives from one `init` to the next. Its work in the background ends with [#close].
    public interface Incarnation<K extends @Nullable Object, V extends @Nullable Object> {
        void process(Record<K, V> record);

        void close();
    }

    protected abstract Incarnation<K, V> begin(ProcessorContext<F, Object> context);

    @Override
    public final void init(ProcessorContext<F, Object> context) {
        incarnation = begin(context);
    }

    @Override
    public final void process(Record<K, V> record) {
        if (incarnation == null) {
            throw new IllegalStateException("not initialised");
        }
        incarnation.process(record);
    }

    @Override
    public final void close() {
        if (incarnation != null) {
            incarnation.close();
        }
    }
}
