package dev.firn.chaos.run;

import dev.firn.schemas.Topic;
import java.util.Collection;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.stream.Collectors;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.ListOffsetsOptions;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.common.IsolationLevel;
import org.apache.kafka.common.KafkaFuture;
import org.apache.kafka.common.TopicPartition;

/// How far the workers and the topics are, as the broker says.
final class CommittedOffsets {
    private final Deployment deployment;

    CommittedOffsets(Deployment deployment) {
        this.deployment = deployment;
    }

    /// The offset that the workers' group has committed in each partition of the requests.
    Map<Integer, Long> ofRequests() {
        String requests = deployment.namespace.topic(Topic.RETRIEVAL_REQUESTS);
        Map<Integer, Long> committed = new HashMap<>();
        try (Admin admin = admin()) {
            get(admin.listConsumerGroupOffsets(deployment.namespace.requestsGroupId())
                            .partitionsToOffsetAndMetadata())
                    .forEach((partition, offset) -> {
                        if (partition.topic().equals(requests) && offset != null) {
                            committed.put(partition.partition(), offset.offset());
                        }
                    });
        }
        return committed;
    }

    /// The ends of these partitions, without records of open transactions.
    Map<TopicPartition, Long> ends(Collection<TopicPartition> partitions) {
        Map<TopicPartition, OffsetSpec> latest = new HashMap<>();
        partitions.forEach(partition -> latest.put(partition, OffsetSpec.latest()));
        try (Admin admin = admin()) {
            return get(admin.listOffsets(latest, new ListOffsetsOptions(IsolationLevel.READ_COMMITTED))
                            .all())
                    .entrySet()
                    .stream()
                    .collect(Collectors.toMap(
                            Map.Entry::getKey, end -> end.getValue().offset()));
        }
    }

    private Admin admin() {
        return Admin.create(
                Map.of("bootstrap.servers", deployment.stack.addresses().bootstrapServers()));
    }

    private static <T> T get(KafkaFuture<T> future) {
        try {
            return future.get();
        } catch (ExecutionException e) {
            throw new AssertionError(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError(e);
        }
    }
}
