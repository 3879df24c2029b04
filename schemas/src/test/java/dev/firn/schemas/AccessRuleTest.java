package dev.firn.schemas;

import static java.util.stream.Collectors.joining;
import static org.assertj.core.api.Assertions.assertThat;

import dev.firn.schemas.AccessRule.Role;
import java.util.List;
import java.util.Locale;
import org.apache.kafka.common.resource.PatternType;
import org.apache.kafka.common.resource.ResourceType;
import org.junit.jupiter.api.Test;

/// The tables are written by hand: they say what is meant, not what the code does.
final class AccessRuleTest {
    @Test
    void givesEachRoleItsTopics() {
        assertThat(topicTable()).isEqualTo("""
                topic                 deployer                        producer consumer operator   registration-service       retrieval-worker       gateway
                registration-requests create-describe-describeconfigs write    -        read-write read-describeconfigs       -  write-describeconfigs
                registration-results  create-describe-describeconfigs -        read     read       write-describeconfigs      -  read-describeconfigs
                feature-views         create-describe-describeconfigs -        read     read       write-describeconfigs      read-describeconfigs  read-describeconfigs
                table-hints           create-describe-describeconfigs write    -        read-write read-describeconfigs       -  write-describeconfigs
                table-commits         create-describe-describeconfigs -        read     read       write-describeconfigs      -  read-describeconfigs
                standing-requests     create-describe-describeconfigs write    -        read-write read-describeconfigs       -  write-describeconfigs
                standing-retrievals   create-describe-describeconfigs -        read     read       write-describeconfigs      -  read-describeconfigs
                retrieval-requests    create-describe-describeconfigs write    -        read-write -                          read-describeconfigs  write-describeconfigs
                retrieval-runs        create-describe-describeconfigs -        -        read-write write-describeconfigs      read-describeconfigs  -
                retrieval-commands    create-describe-describeconfigs write    -        read-write -                          read-describeconfigs  write-describeconfigs
                retrieval-results     create-describe-describeconfigs -        read     read       read-write-describeconfigs write-describeconfigs  read-describeconfigs
                retrieval-progress    create-describe-describeconfigs -        read     read       -                          write-describeconfigs  read-describeconfigs
                dead-letters          create-describe-describeconfigs -        -        read       write-describeconfigs      write-describeconfigs  read-describeconfigs
                view-commands         create-describe-describeconfigs -        -        -          read-write-describeconfigs -  -
                table-commands        create-describe-describeconfigs -        -        -          read-write-describeconfigs -  -
                standing-commands     create-describe-describeconfigs -        -        -          read-write-describeconfigs -  -
                """.replaceAll(" +", " "));
    }

    @Test
    void givesEachRoleItsGroupsAndTransactions() {
        assertThat(AccessRule.of(new Namespace("acme")))
                .filteredOn(rule -> rule.resource() != ResourceType.TOPIC || rule.pattern() != PatternType.LITERAL)
                .extracting(rule -> "%s %s %s %s %s"
                        .formatted(rule.role(), rule.resource(), rule.pattern(), rule.name(), operations(rule)))
                .containsExactly(
                        "CONSUMER GROUP PREFIXED acme.client- read-delete",
                        "OPERATOR GROUP LITERAL acme.registration-service describe",
                        "OPERATOR GROUP LITERAL acme.retrieval-worker describe",
                        "OPERATOR GROUP LITERAL acme.retrieval-worker-runs describe",
                        "OPERATOR GROUP LITERAL acme.retrieval-worker-commands describe",
                        "REGISTRATION_SERVICE TOPIC PREFIXED acme.registration-service- read-write-create",
                        "REGISTRATION_SERVICE GROUP LITERAL acme.registration-service read",
                        "REGISTRATION_SERVICE TRANSACTIONAL_ID PREFIXED acme.registration-service write",
                        "RETRIEVAL_WORKER GROUP LITERAL acme.retrieval-worker read",
                        "RETRIEVAL_WORKER GROUP LITERAL acme.retrieval-worker-runs read",
                        "RETRIEVAL_WORKER GROUP LITERAL acme.retrieval-worker-commands read");
    }

    @Test
    void namesTopicsWithTheNamespace() {
        assertThat(AccessRule.of(new Namespace("acme")))
                .extracting(AccessRule::name)
                .allMatch(name -> name.startsWith("acme."));
    }

    private static String topicTable() {
        var rules = AccessRule.of(new Namespace("acme"));
        var table = new StringBuilder("topic");
        for (Role role : Role.values()) {
            table.append(' ').append(role.name().toLowerCase(Locale.ROOT).replace('_', '-'));
        }
        table.append('\n');
        for (TopicSpec spec : TopicCatalogue.of(new Namespace("acme")).topics()) {
            table.append(spec.topic().simpleName());
            for (Role role : Role.values()) {
                table.append(' ').append(operations(rules, role, spec.name()));
            }
            table.append('\n');
        }
        return table.toString();
    }

    private static String operations(List<AccessRule> rules, Role role, String topic) {
        List<AccessRule> found = rules.stream()
                .filter(rule -> rule.role() == role)
                .filter(rule -> rule.resource() == ResourceType.TOPIC)
                .filter(rule -> rule.pattern() == PatternType.LITERAL)
                .filter(rule -> rule.name().equals(topic))
                .toList();
        assertThat(found).hasSizeLessThanOrEqualTo(1);
        return found.isEmpty() ? "-" : operations(found.getFirst());
    }

    private static String operations(AccessRule rule) {
        return rule.operations().stream()
                .map(operation -> operation.name().toLowerCase(Locale.ROOT).replace("_", ""))
                .collect(joining("-"));
    }
}
