package dev.firn.schemas;

import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.common.acl.AclBinding;
import org.apache.kafka.common.acl.AclBindingFilter;
import org.apache.kafka.common.errors.TimeoutException;

/// The ACLs of a deployment: what [AccessRule] documents, for principals that stand for its roles.
public final class Grants {
    private static final Duration PAUSE = Duration.ofMillis(20);

    private Grants() {}

    /// The ACLs that give each role's rights to its principals.
    ///
    /// @param principals such as `User:firn-worker`, by role
    public static List<AclBinding> of(Namespace namespace, Map<AccessRule.Role, List<String>> principals) {
        return of(namespace, principals, List.of());
    }

    /// The same, with the topics of other systems that tell of commits.
    ///
    /// @param hintTopics their full names
    public static List<AclBinding> of(
            Namespace namespace, Map<AccessRule.Role, List<String>> principals, Collection<String> hintTopics) {
        return Stream.concat(
                        AccessRule.of(namespace).stream(), hintTopics.stream().map(AccessRule::ofHintTopic))
                .flatMap(rule -> Stream.ofNullable(principals.get(rule.role()))
                        .flatMap(List::stream)
                        .flatMap(principal -> rule.bindings(principal).stream()))
                .distinct()
                .toList();
    }

    /// Principals that are named after the roles: `User:retrieval-worker`.
    public static Map<AccessRule.Role, List<String>> namesakes() {
        return Stream.of(AccessRule.Role.values())
                .collect(Collectors.toMap(Function.identity(), role -> List.of("User:" + role.text())));
    }

    /// Creates the ACLs. Existing ones stay as they are. Kafka confirms them once its controller has stored them; the
    /// brokers learn of them a moment later, and until then refuse what they allow.
    ///
    /// @param admin a client that may ALTER the cluster; closed by the caller
    /// @param timeout longest wait for the answer
    public static void create(Admin admin, List<AclBinding> acls, Duration timeout) {
        new AdminAnswers(timeout).await(admin.createAcls(acls).all());
    }

    /// Creates the ACLs and waits until a broker knows them, which is enough where there is one broker.
    ///
    /// @param admin a client that may ALTER the cluster; closed by the caller
    /// @param timeout longest wait for an answer, and for the broker to learn of the ACLs
    public static void createAndAwait(
            Admin admin, Namespace namespace, Map<AccessRule.Role, List<String>> principals, Duration timeout) {
        List<AclBinding> acls = of(namespace, principals);
        create(admin, acls, timeout);
        AdminAnswers answers = new AdminAnswers(timeout);
        long begun = System.nanoTime();
        while (!known(admin, answers).containsAll(acls)) {
            if (System.nanoTime() - begun > timeout.toNanos()) {
                throw new TimeoutException(
                        "the broker does not know the new ACLs after %d ms".formatted(timeout.toMillis()));
            }
            LockSupport.parkNanos(PAUSE.toNanos());
        }
    }

    private static Set<AclBinding> known(Admin admin, AdminAnswers answers) {
        return Set.copyOf(answers.await(admin.describeAcls(AclBindingFilter.ANY).values()));
    }
}
