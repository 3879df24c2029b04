package dev.firn.retrieval.registry;

import dev.firn.lake.Reason;
import dev.firn.retrieval.answer.TransientFault;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.ListOffsetsOptions;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.common.IsolationLevel;
import org.apache.kafka.common.TopicPartition;

/// Reads end offsets with the admin client. Thread-safe.
public final class AdminEndOffsets implements ViewRegistry.EndOffsets {
    private static final long LIMIT_MILLIS = 10_000;

    private final Admin admin;

    public AdminEndOffsets(Admin admin) {
        this.admin = admin;
    }

    @Override
    public Map<TopicPartition, Long> readUncommitted(List<TopicPartition> partitions) {
        Map<TopicPartition, OffsetSpec> latest =
                partitions.stream().collect(Collectors.toMap(Function.identity(), _ -> OffsetSpec.latest()));
        try {
            Map<TopicPartition, Long> ends = new HashMap<>();
            admin.listOffsets(latest, new ListOffsetsOptions(IsolationLevel.READ_UNCOMMITTED))
                    .all()
                    .get(LIMIT_MILLIS, TimeUnit.MILLISECONDS)
                    .forEach((partition, info) -> ends.put(partition, info.offset()));
            return ends;
        } catch (ExecutionException | TimeoutException e) {
            throw new TransientFault("the end offsets of the registry could not be read: " + Reason.of(e), e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new TransientFault("interrupted", e);
        }
    }
}
