package dev.firn.schemas;

import static org.apache.kafka.common.acl.AclOperation.ALTER_CONFIGS;
import static org.apache.kafka.common.acl.AclOperation.CREATE;
import static org.apache.kafka.common.acl.AclOperation.DELETE;
import static org.apache.kafka.common.acl.AclOperation.DESCRIBE;
import static org.apache.kafka.common.acl.AclOperation.DESCRIBE_CONFIGS;
import static org.apache.kafka.common.acl.AclOperation.READ;
import static org.apache.kafka.common.acl.AclOperation.WRITE;
import static org.apache.kafka.common.resource.PatternType.LITERAL;
import static org.apache.kafka.common.resource.PatternType.PREFIXED;
import static org.apache.kafka.common.resource.ResourceType.GROUP;
import static org.apache.kafka.common.resource.ResourceType.TOPIC;
import static org.apache.kafka.common.resource.ResourceType.TRANSACTIONAL_ID;

import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import org.apache.kafka.common.acl.AclOperation;
import org.apache.kafka.common.resource.PatternType;
import org.apache.kafka.common.resource.ResourceType;

/// What one role must be allowed to do to one resource of the cluster. Whoever may write requests can read everything
/// that Firn may read, so these rules are Firn's outer wall.
///
/// The switches over [Topic] have no default: a new topic does not compile until each role's access to it is decided.
///
/// @param resource topic, group or transactional id
/// @param name its full name, or the prefix of it
public record AccessRule(
        Role role, ResourceType resource, String name, PatternType pattern, Set<AclOperation> operations) {
    private static final Set<AclOperation> NOTHING = Set.of();
    private static final Set<AclOperation> READS = Set.of(READ, DESCRIBE);
    private static final Set<AclOperation> WRITES = Set.of(WRITE, DESCRIBE);
    private static final Set<AclOperation> READS_AND_WRITES = Set.of(READ, WRITE, DESCRIBE);

    /// Who needs access.
    public enum Role {
        /// Creates topics and registers schemas.
        DEPLOYER("Creates the topics and registers the schemas: an operator, or the services where"
                + " `firn.kafka.create-topics` is on"),
        /// Sends requests.
        PRODUCER("Sends requests and table hints: people's programs, jobs, the command line"),
        /// Reads answers.
        CONSUMER("Reads answers, the registry, standing retrievals, progress and table commits"),
        /// The registration service.
        REGISTRATION_SERVICE("The registration service itself"),
        /// Retrieval workers.
        RETRIEVAL_WORKER("The retrieval workers themselves");

        private final String purpose;

        Role(String purpose) {
            this.purpose = purpose;
        }

        /// Who that is, for people.
        public String purpose() {
            return purpose;
        }
    }

    public AccessRule {
        operations = Collections.unmodifiableSet(EnumSet.copyOf(operations));
    }

    /// Everything that must be allowed in a deployment, by role.
    public static List<AccessRule> of(Namespace namespace) {
        var rules = new ArrayList<AccessRule>();
        for (Role role : Role.values()) {
            for (Topic topic : Topic.values()) {
                Set<AclOperation> operations = operations(role, topic);
                if (!operations.isEmpty()) {
                    rules.add(new AccessRule(role, TOPIC, namespace.topic(topic), LITERAL, operations));
                }
            }
            rules.addAll(
                    switch (role) {
                        case DEPLOYER, PRODUCER, CONSUMER -> List.<AccessRule>of();
                        case REGISTRATION_SERVICE -> streamsApplication(role, namespace.applicationId());
                        case RETRIEVAL_WORKER ->
                            List.of(group(role, namespace.requestsGroupId()), group(role, namespace.runsGroupId()));
                    });
        }
        return List.copyOf(rules);
    }

    private static Set<AclOperation> operations(Role role, Topic topic) {
        return switch (role) {
            case DEPLOYER -> Set.of(CREATE, DESCRIBE, DESCRIBE_CONFIGS);
            case PRODUCER -> ofProducer(topic);
            case CONSUMER -> ofConsumer(topic);
            case REGISTRATION_SERVICE -> ofRegistrationService(topic);
            case RETRIEVAL_WORKER -> ofRetrievalWorker(topic);
        };
    }

    private static Set<AclOperation> ofProducer(Topic topic) {
        return switch (topic) {
            case REGISTRATION_REQUESTS, TABLE_HINTS, STANDING_REQUESTS, RETRIEVAL_REQUESTS -> WRITES;
            case REGISTRATION_RESULTS,
                    FEATURE_VIEWS,
                    TABLE_COMMITS,
                    STANDING_RETRIEVALS,
                    RETRIEVAL_RUNS,
                    RETRIEVAL_RESULTS,
                    RETRIEVAL_PROGRESS,
                    DEAD_LETTERS,
                    VIEW_COMMANDS,
                    TABLE_COMMANDS,
                    STANDING_COMMANDS -> NOTHING;
        };
    }

    private static Set<AclOperation> ofConsumer(Topic topic) {
        return switch (topic) {
            case REGISTRATION_RESULTS,
                    FEATURE_VIEWS,
                    TABLE_COMMITS,
                    STANDING_RETRIEVALS,
                    RETRIEVAL_RESULTS,
                    RETRIEVAL_PROGRESS -> READS;
            case REGISTRATION_REQUESTS,
                    TABLE_HINTS,
                    STANDING_REQUESTS,
                    RETRIEVAL_REQUESTS,
                    RETRIEVAL_RUNS,
                    DEAD_LETTERS,
                    VIEW_COMMANDS,
                    TABLE_COMMANDS,
                    STANDING_COMMANDS -> NOTHING;
        };
    }

    private static Set<AclOperation> ofRegistrationService(Topic topic) {
        return switch (topic) {
            case REGISTRATION_REQUESTS, TABLE_HINTS, STANDING_REQUESTS -> READS;
            case REGISTRATION_RESULTS,
                    FEATURE_VIEWS,
                    TABLE_COMMITS,
                    STANDING_RETRIEVALS,
                    RETRIEVAL_RUNS,
                    DEAD_LETTERS -> WRITES;
            case RETRIEVAL_RESULTS, VIEW_COMMANDS, TABLE_COMMANDS, STANDING_COMMANDS -> READS_AND_WRITES;
            case RETRIEVAL_REQUESTS, RETRIEVAL_PROGRESS -> NOTHING;
        };
    }

    private static Set<AclOperation> ofRetrievalWorker(Topic topic) {
        return switch (topic) {
            case RETRIEVAL_REQUESTS, RETRIEVAL_RUNS, FEATURE_VIEWS -> READS;
            case RETRIEVAL_RESULTS, RETRIEVAL_PROGRESS, DEAD_LETTERS -> WRITES;
            case REGISTRATION_REQUESTS,
                    REGISTRATION_RESULTS,
                    TABLE_HINTS,
                    TABLE_COMMITS,
                    STANDING_REQUESTS,
                    STANDING_RETRIEVALS,
                    VIEW_COMMANDS,
                    TABLE_COMMANDS,
                    STANDING_COMMANDS -> NOTHING;
        };
    }

    /// Kafka Streams makes changelogs, a group and transactional ids of its own, all named after the application.
    private static List<AccessRule> streamsApplication(Role role, String application) {
        return List.of(
                new AccessRule(
                        role,
                        TOPIC,
                        application + "-",
                        PREFIXED,
                        Set.of(CREATE, DELETE, READ, WRITE, DESCRIBE, DESCRIBE_CONFIGS, ALTER_CONFIGS)),
                group(role, application),
                new AccessRule(role, TRANSACTIONAL_ID, application, PREFIXED, WRITES));
    }

    private static AccessRule group(Role role, String name) {
        return new AccessRule(role, GROUP, name, LITERAL, READS);
    }
}
