package dev.firn.schemas;

import static org.apache.kafka.common.acl.AclOperation.CREATE;
import static org.apache.kafka.common.acl.AclOperation.DELETE;
import static org.apache.kafka.common.acl.AclOperation.DESCRIBE;
import static org.apache.kafka.common.acl.AclOperation.READ;
import static org.apache.kafka.common.acl.AclOperation.WRITE;

import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.CreateTopicsOptions;
import org.apache.kafka.clients.admin.DescribeConsumerGroupsOptions;
import org.apache.kafka.clients.admin.DescribeTopicsOptions;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.common.acl.AclOperation;
import org.apache.kafka.common.errors.GroupAuthorizationException;
import org.apache.kafka.common.errors.GroupIdNotFoundException;
import org.apache.kafka.common.errors.TopicAuthorizationException;
import org.apache.kafka.common.errors.TopicExistsException;
import org.apache.kafka.common.errors.TransactionalIdAuthorizationException;
import org.apache.kafka.common.errors.TransactionalIdNotFoundException;
import org.apache.kafka.common.errors.UnknownTopicOrPartitionException;
import org.apache.kafka.common.resource.PatternType;

/// Asks the cluster which of the rights that a role needs are not granted to the principal of an admin client.
///
/// The answer is complete for topics and groups that exist. Of what does not exist yet, the cluster only tells whether
/// it may be described and, for a prefix of topics, created.
public final class RightsCheck {
    /// A name that no topic, group or transactional id has, below a prefix.
    private static final String SAMPLE = "rights-check";

    /// Each of these lets Kafka describe the resource too.
    private static final Set<AclOperation> VISIBLE = Set.of(READ, WRITE, DELETE, DESCRIBE);

    private final Admin admin;
    private final AdminAnswers answers;

    /// @param admin closed by the caller
    /// @param timeout longest wait for one answer from the cluster
    public RightsCheck(Admin admin, Duration timeout) {
        this.admin = admin;
        this.answers = new AdminAnswers(timeout);
    }

    /// Empty if the cluster grants everything, or has no authorizer.
    public List<MissingRight> missing(List<AccessRule> rules) {
        var missing = new ArrayList<MissingRight>();
        for (AccessRule rule : rules) {
            for (AclOperation operation : missing(rule)) {
                missing.add(new MissingRight(rule.resource(), rule.name() + suffix(rule), operation));
            }
        }
        return missing;
    }

    private static String suffix(AccessRule rule) {
        return rule.pattern() == PatternType.PREFIXED ? "*" : "";
    }

    private Set<AclOperation> missing(AccessRule rule) {
        return switch (rule.resource()) {
            case TOPIC ->
                rule.pattern() == PatternType.PREFIXED ? ofTopics(rule) : ofTopic(rule.name(), rule.operations());
            case GROUP -> ofGroup(rule);
            case TRANSACTIONAL_ID -> ofTransactionalId(rule);
            case UNKNOWN, ANY, CLUSTER, DELEGATION_TOKEN, USER ->
                throw new IllegalArgumentException("no rule is about " + rule.resource());
        };
    }

    private Set<AclOperation> ofTopic(String topic, Set<AclOperation> needed) {
        var options = new DescribeTopicsOptions().includeAuthorizedOperations(true);
        try {
            return without(
                    needed,
                    answers.await(Objects.requireNonNull(admin.describeTopics(List.of(topic), options)
                                    .topicNameValues()
                                    .get(topic)))
                            .authorizedOperations());
        } catch (TopicAuthorizationException e) {
            return visible(needed);
        } catch (UnknownTopicOrPartitionException e) {
            return Set.of();
        }
    }

    /// Looks at one of the topics with the prefix, and at one that does not exist.
    private Set<AclOperation> ofTopics(AccessRule rule) {
        Set<AclOperation> needed = EnumSet.copyOf(rule.operations());
        Set<AclOperation> missing = new HashSet<>();
        if (needed.remove(CREATE) && !mayCreate(rule.name() + SAMPLE)) {
            missing.add(CREATE);
        }
        Optional<String> existing = answers.await(admin.listTopics().names()).stream()
                .filter(name -> name.startsWith(rule.name()))
                .findFirst();
        missing.addAll(ofTopic(existing.orElse(rule.name() + SAMPLE), needed));
        return missing.isEmpty() ? missing : EnumSet.copyOf(missing);
    }

    private boolean mayCreate(String topic) {
        try {
            answers.await(admin.createTopics(
                            List.of(new NewTopic(topic, Optional.of(1), Optional.empty())),
                            new CreateTopicsOptions().validateOnly(true))
                    .all());
            return true;
        } catch (TopicExistsException e) {
            return true;
        } catch (TopicAuthorizationException e) {
            return false;
        }
    }

    private Set<AclOperation> ofGroup(AccessRule rule) {
        String group = rule.pattern() == PatternType.PREFIXED ? rule.name() + SAMPLE : rule.name();
        var options = new DescribeConsumerGroupsOptions().includeAuthorizedOperations(true);
        try {
            return without(
                    rule.operations(),
                    answers.await(Objects.requireNonNull(admin.describeConsumerGroups(List.of(group), options)
                                    .describedGroups()
                                    .get(group)))
                            .authorizedOperations());
        } catch (GroupAuthorizationException e) {
            return visible(rule.operations());
        } catch (GroupIdNotFoundException e) {
            return Set.of();
        }
    }

    private Set<AclOperation> ofTransactionalId(AccessRule rule) {
        String id = rule.pattern() == PatternType.PREFIXED ? rule.name() + "-" + SAMPLE : rule.name();
        try {
            answers.await(admin.describeTransactions(List.of(id)).description(id));
            return Set.of();
        } catch (TransactionalIdAuthorizationException e) {
            return rule.operations();
        } catch (TransactionalIdNotFoundException e) {
            return Set.of();
        }
    }

    private static Set<AclOperation> visible(Set<AclOperation> needed) {
        Set<AclOperation> visible = EnumSet.copyOf(needed);
        visible.retainAll(VISIBLE);
        return visible;
    }

    /// @param granted empty if the cluster does not say
    private static Set<AclOperation> without(Set<AclOperation> needed, Set<AclOperation> granted) {
        if (granted.isEmpty()) {
            return Set.of();
        }
        Set<AclOperation> missing = EnumSet.copyOf(needed);
        missing.removeAll(granted);
        return missing;
    }
}
