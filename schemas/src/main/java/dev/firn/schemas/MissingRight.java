package dev.firn.schemas;

import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Collectors;
import org.apache.kafka.common.acl.AclOperation;
import org.apache.kafka.common.errors.GroupAuthorizationException;
import org.apache.kafka.common.errors.TopicAuthorizationException;
import org.apache.kafka.common.resource.ResourceType;

/// A right that Kafka does not grant. Kafka's own message ("Topic authorization failed.") names neither the topic nor
/// the right.
public record MissingRight(ResourceType resource, String name, AclOperation operation) {
    static MissingRight onTopic(String topic, AclOperation operation) {
        return new MissingRight(ResourceType.TOPIC, topic, operation);
    }

    /// What a refused call needed.
    ///
    /// @param fault what a Kafka client threw
    /// @param operation what the call does with its topics
    /// @return empty if the fault is not about a right
    public static List<MissingRight> in(Throwable fault, AclOperation operation) {
        Throwable cause = fault;
        while (cause != null) {
            switch (cause) {
                case TopicAuthorizationException topics -> {
                    return topics.unauthorizedTopics().stream()
                            .sorted()
                            .map(topic -> onTopic(topic, operation))
                            .toList();
                }
                case GroupAuthorizationException group -> {
                    return Optional.ofNullable(group.groupId()).stream()
                            .map(name -> new MissingRight(ResourceType.GROUP, name, AclOperation.READ))
                            .toList();
                }
                default -> cause = cause.getCause();
            }
        }
        return List.of();
    }

    /// A sentence for people: `User:jobs may not READ topic firn.feature-views`.
    public static String sentence(String principal, List<MissingRight> missing) {
        return missing.stream()
                .map(MissingRight::toString)
                .collect(Collectors.joining(", ", principal + " may not ", ""));
    }

    /// `READ topic firn.feature-views`.
    @Override
    public String toString() {
        return "%s %s %s"
                .formatted(operation, resource.name().toLowerCase(Locale.ROOT).replace('_', ' '), name);
    }
}
