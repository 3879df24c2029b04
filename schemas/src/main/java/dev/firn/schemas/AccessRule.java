package dev.firn.schemas;

import static dev.firn.schemas.AccessRule.Role.CONSUMER;
import static dev.firn.schemas.AccessRule.Role.DEPLOYER;
import static dev.firn.schemas.AccessRule.Role.PRODUCER;
import static dev.firn.schemas.AccessRule.Role.REGISTRATION_SERVICE;
import static dev.firn.schemas.AccessRule.Role.RETRIEVAL_WORKER;
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

/// What one role must be allowed to do to one resource of the cluster. Whoever may write requests is trusted with
/// everything Firn may read, so these rules are Firn's outer wall.
///
/// @param resource topic, group or transactional id
/// @param name its full name, or what it begins with
public record AccessRule(
        Role role, ResourceType resource, String name, PatternType pattern, Set<AclOperation> operations) {
    /// Who needs access.
    public enum Role {
        /// Creates topics and registers schemas: the service that starts first, or an operator.
        DEPLOYER(
                "Creates the topics and registers the schemas: an operator, or the services where `firn.kafka.create-topics` is on"),
        /// Asks: people's programs, jobs, the command line.
        PRODUCER("Asks for registrations, retrievals and standing retrievals, and gives hints"),
        /// Reads answers.
        CONSUMER("Reads answers, the registry and commits"),
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
        for (Topic topic : Topic.values()) {
            rules.add(topic(namespace, DEPLOYER, topic, CREATE, DESCRIBE, DESCRIBE_CONFIGS));
        }
        for (Topic topic : requests()) {
            rules.add(topic(namespace, PRODUCER, topic, WRITE, DESCRIBE));
        }
        for (Topic topic : answers()) {
            rules.add(topic(namespace, CONSUMER, topic, READ, DESCRIBE));
        }
        rules.addAll(registrationService(namespace));
        rules.addAll(retrievalWorker(namespace));
        return List.copyOf(rules);
    }

    private static List<Topic> requests() {
        return List.of(
                Topic.REGISTRATION_REQUESTS, Topic.TABLE_HINTS, Topic.STANDING_REQUESTS, Topic.RETRIEVAL_REQUESTS);
    }

    private static List<Topic> answers() {
        return List.of(
                Topic.REGISTRATION_RESULTS,
                Topic.FEATURE_VIEWS,
                Topic.TABLE_COMMITS,
                Topic.STANDING_RETRIEVALS,
                Topic.RETRIEVAL_RESULTS,
                Topic.RETRIEVAL_PROGRESS);
    }

    private static List<AccessRule> registrationService(Namespace namespace) {
        var rules = new ArrayList<AccessRule>();
        for (Topic topic : List.of(
                Topic.REGISTRATION_REQUESTS, Topic.TABLE_HINTS, Topic.STANDING_REQUESTS, Topic.RETRIEVAL_RESULTS)) {
            var operations =
                    topic == Topic.RETRIEVAL_RESULTS ? EnumSet.of(READ, WRITE, DESCRIBE) : EnumSet.of(READ, DESCRIBE);
            rules.add(new AccessRule(REGISTRATION_SERVICE, TOPIC, namespace.topic(topic), LITERAL, operations));
        }
        for (Topic topic : List.of(Topic.VIEW_COMMANDS, Topic.TABLE_COMMANDS, Topic.STANDING_COMMANDS)) {
            rules.add(topic(namespace, REGISTRATION_SERVICE, topic, READ, WRITE, DESCRIBE));
        }
        for (Topic topic : List.of(
                Topic.REGISTRATION_RESULTS,
                Topic.FEATURE_VIEWS,
                Topic.TABLE_COMMITS,
                Topic.RETRIEVAL_RUNS,
                Topic.STANDING_RETRIEVALS,
                Topic.DEAD_LETTERS)) {
            rules.add(topic(namespace, REGISTRATION_SERVICE, topic, WRITE, DESCRIBE));
        }
        String application = namespace.applicationId();
        rules.add(new AccessRule(
                REGISTRATION_SERVICE,
                TOPIC,
                application + "-",
                PREFIXED,
                EnumSet.of(CREATE, DELETE, READ, WRITE, DESCRIBE, DESCRIBE_CONFIGS, ALTER_CONFIGS)));
        rules.add(new AccessRule(REGISTRATION_SERVICE, GROUP, application, LITERAL, EnumSet.of(READ, DESCRIBE)));
        rules.add(new AccessRule(
                REGISTRATION_SERVICE, TRANSACTIONAL_ID, application, PREFIXED, EnumSet.of(WRITE, DESCRIBE)));
        return rules;
    }

    private static List<AccessRule> retrievalWorker(Namespace namespace) {
        var rules = new ArrayList<AccessRule>();
        for (Topic topic : List.of(Topic.RETRIEVAL_REQUESTS, Topic.RETRIEVAL_RUNS, Topic.FEATURE_VIEWS)) {
            rules.add(topic(namespace, RETRIEVAL_WORKER, topic, READ, DESCRIBE));
        }
        for (Topic topic : List.of(Topic.RETRIEVAL_RESULTS, Topic.RETRIEVAL_PROGRESS, Topic.DEAD_LETTERS)) {
            rules.add(topic(namespace, RETRIEVAL_WORKER, topic, WRITE, DESCRIBE));
        }
        for (String group : List.of(namespace.requestsGroupId(), namespace.runsGroupId())) {
            rules.add(new AccessRule(RETRIEVAL_WORKER, GROUP, group, LITERAL, EnumSet.of(READ, DESCRIBE)));
        }
        return rules;
    }

    private static AccessRule topic(
            Namespace namespace, Role role, Topic topic, AclOperation first, AclOperation... others) {
        return new AccessRule(role, TOPIC, namespace.topic(topic), LITERAL, EnumSet.of(first, others));
    }
}
