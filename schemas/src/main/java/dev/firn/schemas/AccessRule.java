package dev.firn.schemas;

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
import java.util.Locale;
import java.util.Set;
import java.util.stream.Stream;
import org.apache.kafka.common.acl.AccessControlEntry;
import org.apache.kafka.common.acl.AclBinding;
import org.apache.kafka.common.acl.AclOperation;
import org.apache.kafka.common.acl.AclPermissionType;
import org.apache.kafka.common.resource.PatternType;
import org.apache.kafka.common.resource.ResourcePattern;
import org.apache.kafka.common.resource.ResourceType;

/// What one role must be allowed to do to one resource of the cluster. Whoever may write requests can read everything
/// that Firn may read, so these rules are Firn's outer wall.
///
/// The rules are the least that works. Kafka lets who may READ, WRITE or DELETE also DESCRIBE, so no rule has both.
///
/// The switches over [Topic] have no default: a new topic does not compile until each role's access to it is decided.
///
/// @param resource topic, group or transactional id
/// @param name its full name, or the prefix of it
public record AccessRule(
        Role role, ResourceType resource, String name, PatternType pattern, Set<AclOperation> operations) {
    private static final Set<AclOperation> NOTHING = Set.of();
    private static final Set<AclOperation> READS = Set.of(READ);
    private static final Set<AclOperation> WRITES = Set.of(WRITE);

    /// A service compares the topics that it uses with the catalogue before it works.
    private static final Set<AclOperation> READS_CHECKED = Set.of(READ, DESCRIBE_CONFIGS);

    private static final Set<AclOperation> WRITES_CHECKED = Set.of(WRITE, DESCRIBE_CONFIGS);
    private static final Set<AclOperation> BOTH_CHECKED = Set.of(READ, WRITE, DESCRIBE_CONFIGS);

    /// Who needs access.
    public enum Role {
        /// Creates topics and registers schemas.
        DEPLOYER("Creates the topics and registers the schemas: an operator, or the services where"
                + " `firn.kafka.create-topics` is on"),
        /// Sends requests.
        PRODUCER("Sends requests and table hints: people's programs, jobs, the command line"),
        /// Reads answers.
        CONSUMER(
                "Reads answers, the registry, standing retrievals, progress and table commits: people's programs, jobs,"
                        + " the command line"),
        /// Looks after a deployment.
        OPERATOR("Looks after a deployment: traces requests, replays dead letters, sees the lag of the services"),
        /// The registration service.
        REGISTRATION_SERVICE("The registration service itself"),
        /// Retrieval workers.
        RETRIEVAL_WORKER("The retrieval workers themselves"),
        /// The gateway.
        GATEWAY("The gateway itself, on behalf of everyone who calls it");

        private final String purpose;

        Role(String purpose) {
            this.purpose = purpose;
        }

        /// Who that is, for people.
        public String purpose() {
            return purpose;
        }

        /// The name in documents and options: `retrieval-worker`.
        public String text() {
            return name().toLowerCase(Locale.ROOT).replace('_', '-');
        }
    }

    public AccessRule {
        operations = Collections.unmodifiableSet(EnumSet.copyOf(operations));
    }

    /// Everything that must be allowed in a deployment, by role.
    public static List<AccessRule> of(Namespace namespace) {
        return Stream.of(Role.values())
                .flatMap(role -> of(namespace, role).stream())
                .toList();
    }

    /// Everything that one role must be allowed.
    public static List<AccessRule> of(Namespace namespace, Role role) {
        var rules = new ArrayList<AccessRule>();
        for (Topic topic : Topic.values()) {
            Set<AclOperation> operations = operations(role, topic);
            if (!operations.isEmpty()) {
                rules.add(new AccessRule(role, TOPIC, namespace.topic(topic), LITERAL, operations));
            }
        }
        rules.addAll(
                switch (role) {
                    case DEPLOYER, PRODUCER, GATEWAY -> List.<AccessRule>of();
                    case CONSUMER ->
                        List.of(new AccessRule(
                                role, GROUP, namespace.clientGroupPrefix(), PREFIXED, Set.of(READ, DELETE)));
                    case OPERATOR ->
                        List.of(
                                group(role, namespace.applicationId(), DESCRIBE),
                                group(role, namespace.requestsGroupId(), DESCRIBE),
                                group(role, namespace.runsGroupId(), DESCRIBE),
                                group(role, namespace.commandsGroupId(), DESCRIBE));
                    case REGISTRATION_SERVICE -> streamsApplication(role, namespace.applicationId());
                    case RETRIEVAL_WORKER ->
                        List.of(
                                group(role, namespace.requestsGroupId(), READ),
                                group(role, namespace.runsGroupId(), READ),
                                group(role, namespace.commandsGroupId(), READ));
                });
        return List.copyOf(rules);
    }

    /// What the registration service must be allowed on a topic of another system that tells of commits.
    static AccessRule ofHintTopic(String topic) {
        return new AccessRule(Role.REGISTRATION_SERVICE, TOPIC, topic, LITERAL, READS);
    }

    /// The ACLs that allow this to a principal, one for each operation.
    ///
    /// @param principal such as `User:firn-worker`
    public List<AclBinding> bindings(String principal) {
        return operations.stream()
                .map(operation -> new AclBinding(
                        new ResourcePattern(resource, name, pattern),
                        new AccessControlEntry(principal, "*", operation, AclPermissionType.ALLOW)))
                .toList();
    }

    /// Whether the rule is about that resource.
    public boolean covers(ResourceType type, String resourceName) {
        return resource == type && (pattern == PREFIXED ? resourceName.startsWith(name) : resourceName.equals(name));
    }

    private static Set<AclOperation> operations(Role role, Topic topic) {
        return switch (role) {
            case DEPLOYER -> Set.of(CREATE, DESCRIBE, DESCRIBE_CONFIGS);
            case PRODUCER -> ofProducer(topic);
            case CONSUMER -> ofConsumer(topic);
            case OPERATOR -> ofOperator(topic);
            case REGISTRATION_SERVICE -> ofRegistrationService(topic);
            case RETRIEVAL_WORKER -> ofRetrievalWorker(topic);
            case GATEWAY -> ofGateway(topic);
        };
    }

    private static Set<AclOperation> ofProducer(Topic topic) {
        return switch (topic) {
            case REGISTRATION_REQUESTS, TABLE_HINTS, STANDING_REQUESTS, RETRIEVAL_REQUESTS, RETRIEVAL_COMMANDS ->
                WRITES;
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
                    RETRIEVAL_COMMANDS,
                    DEAD_LETTERS,
                    VIEW_COMMANDS,
                    TABLE_COMMANDS,
                    STANDING_COMMANDS -> NOTHING;
        };
    }

    /// Reads what people read and the dead letters, which it may send once more to where they came from.
    private static Set<AclOperation> ofOperator(Topic topic) {
        return switch (topic) {
            case REGISTRATION_REQUESTS,
                    STANDING_REQUESTS,
                    RETRIEVAL_REQUESTS,
                    TABLE_HINTS,
                    RETRIEVAL_RUNS,
                    RETRIEVAL_COMMANDS -> Set.of(READ, WRITE);
            case REGISTRATION_RESULTS,
                    FEATURE_VIEWS,
                    TABLE_COMMITS,
                    STANDING_RETRIEVALS,
                    RETRIEVAL_RESULTS,
                    RETRIEVAL_PROGRESS,
                    DEAD_LETTERS -> READS;
            case VIEW_COMMANDS, TABLE_COMMANDS, STANDING_COMMANDS -> NOTHING;
        };
    }

    private static Set<AclOperation> ofRegistrationService(Topic topic) {
        return switch (topic) {
            case REGISTRATION_REQUESTS, TABLE_HINTS, STANDING_REQUESTS -> READS_CHECKED;
            case REGISTRATION_RESULTS,
                    FEATURE_VIEWS,
                    TABLE_COMMITS,
                    STANDING_RETRIEVALS,
                    RETRIEVAL_RUNS,
                    DEAD_LETTERS -> WRITES_CHECKED;
            case RETRIEVAL_RESULTS, VIEW_COMMANDS, TABLE_COMMANDS, STANDING_COMMANDS -> BOTH_CHECKED;
            case RETRIEVAL_REQUESTS, RETRIEVAL_COMMANDS, RETRIEVAL_PROGRESS -> NOTHING;
        };
    }

    private static Set<AclOperation> ofRetrievalWorker(Topic topic) {
        return switch (topic) {
            case RETRIEVAL_REQUESTS, RETRIEVAL_RUNS, RETRIEVAL_COMMANDS, FEATURE_VIEWS -> READS_CHECKED;
            case RETRIEVAL_RESULTS, RETRIEVAL_PROGRESS, DEAD_LETTERS -> WRITES_CHECKED;
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

    /// Sends what producers send, and reads what people and operators read.
    private static Set<AclOperation> ofGateway(Topic topic) {
        return switch (topic) {
            case REGISTRATION_REQUESTS, TABLE_HINTS, STANDING_REQUESTS, RETRIEVAL_REQUESTS, RETRIEVAL_COMMANDS ->
                WRITES_CHECKED;
            case REGISTRATION_RESULTS,
                    FEATURE_VIEWS,
                    TABLE_COMMITS,
                    STANDING_RETRIEVALS,
                    RETRIEVAL_RESULTS,
                    RETRIEVAL_PROGRESS,
                    DEAD_LETTERS -> READS_CHECKED;
            case RETRIEVAL_RUNS, VIEW_COMMANDS, TABLE_COMMANDS, STANDING_COMMANDS -> NOTHING;
        };
    }

    /// Kafka Streams makes changelogs, a group and transactional ids of its own, all named after the application.
    private static List<AccessRule> streamsApplication(Role role, String application) {
        return List.of(
                new AccessRule(role, TOPIC, application + "-", PREFIXED, Set.of(CREATE, READ, WRITE)),
                group(role, application, READ),
                new AccessRule(role, TRANSACTIONAL_ID, application, PREFIXED, WRITES));
    }

    private static AccessRule group(Role role, String name, AclOperation operation) {
        return new AccessRule(role, GROUP, name, LITERAL, Set.of(operation));
    }
}
