package dev.firn.schemas;

import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.common.acl.AclBinding;

/// The ACLs of a deployment: what [AccessRule] documents, for principals that stand for its roles.
public final class Grants {
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

    /// Creates the ACLs. Existing ones stay as they are.
    ///
    /// @param admin a client that may ALTER the cluster; closed by the caller
    public static void create(
            Admin admin, Namespace namespace, Map<AccessRule.Role, List<String>> principals, Duration timeout) {
        create(admin, of(namespace, principals), timeout);
    }
    /// Creates the ACLs. Existing ones stay as they are.
    ///
    /// @param admin a client that may ALTER the cluster; closed by the caller
    public static void create(Admin admin, List<AclBinding> acls, Duration timeout) {
        new AdminAnswers(timeout).await(admin.createAcls(acls).all());
    }
}
