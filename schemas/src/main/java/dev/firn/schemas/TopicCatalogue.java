package dev.firn.schemas;

import java.util.Arrays;
import java.util.List;

/// All topics of one deployment, in the order of [Topic].
public record TopicCatalogue(Namespace namespace, List<TopicSpec> topics) {
    /// Default number of partitions of requests and runs: the most workers that can share the load.
    public static final int DEFAULT_RETRIEVAL_PARTITIONS = 48;

    /// Default number of partitions of the other topics.
    public static final int DEFAULT_PARTITIONS = 6;

    public TopicCatalogue {
        topics = List.copyOf(topics);
        if (!topics.stream().map(TopicSpec::topic).toList().equals(List.of(Topic.values()))) {
            throw new IllegalArgumentException("[" + namespace + "] expected every topic once, in order");
        }
    }

    /// The topics of `namespace` with the default numbers of partitions.
    public static TopicCatalogue of(Namespace namespace) {
        return of(namespace, DEFAULT_RETRIEVAL_PARTITIONS, DEFAULT_PARTITIONS);
    }

    /// The topics of `namespace`.
    ///
    /// @param retrievalPartitions partitions of requests and runs
    /// @param partitions partitions of all other topics
    public static TopicCatalogue of(Namespace namespace, int retrievalPartitions, int partitions) {
        return new TopicCatalogue(
                namespace,
                Arrays.stream(Topic.values())
                        .map(topic -> new TopicSpec(
                                namespace.topic(topic),
                                topic,
                                switch (topic.parallelism()) {
                                    case REQUESTS -> retrievalPartitions;
                                    case USUAL -> partitions;
                                }))
                        .toList());
    }

    /// One of the topics.
    public TopicSpec spec(Topic topic) {
        return topics.stream().filter(spec -> spec.topic() == topic).findFirst().orElseThrow();
    }

    /// The full name of one of the topics.
    public String name(Topic topic) {
        return namespace.topic(topic);
    }
}
