package dev.firn.schemas;

import java.util.List;
import org.apache.kafka.common.resource.ResourceType;

/// What a role needs at the schema registry, on the subject of each topic that it uses. The names are those of
/// Confluent's registry; a registry that only knows readers and writers needs a writer for the deployer alone.
public enum RegistryRight {
    /// Reads schemas by id and by subject.
    SUBJECT_READ,
    /// Registers schemas.
    SUBJECT_WRITE,
    /// Reads a subject's compatibility.
    SUBJECT_COMPATIBILITY_READ,
    /// Sets it.
    SUBJECT_COMPATIBILITY_WRITE;

    /// What a role needs.
    public static List<RegistryRight> of(AccessRule.Role role) {
        return switch (role) {
            case DEPLOYER -> List.of(values());
            case REGISTRATION_SERVICE, RETRIEVAL_WORKER, GATEWAY -> List.of(SUBJECT_READ, SUBJECT_COMPATIBILITY_READ);
            case PRODUCER, CONSUMER, OPERATOR -> List.of(SUBJECT_READ);
        };
    }

    /// The subjects on which it needs that.
    public static List<String> subjects(Namespace namespace, AccessRule.Role role) {
        List<AccessRule> rules = AccessRule.of(namespace, role);
        return TopicCatalogue.of(namespace).topics().stream()
                .filter(spec -> spec.topic().event().isPresent())
                .filter(spec -> rules.stream().anyMatch(rule -> rule.covers(ResourceType.TOPIC, spec.name())))
                .map(TopicSpec::valueSubject)
                .toList();
    }
}
