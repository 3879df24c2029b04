package dev.firn.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import dev.firn.embedded.StackUser;
import dev.firn.schemas.Topic;
import dev.firn.testkit.TestStack;
import dev.firn.testkit.Waiting;
import dev.firn.testkit.WithStack;
import java.util.List;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.common.acl.AccessControlEntry;
import org.apache.kafka.common.acl.AclBinding;
import org.apache.kafka.common.acl.AclOperation;
import org.apache.kafka.common.acl.AclPermissionType;
import org.apache.kafka.common.resource.PatternType;
import org.apache.kafka.common.resource.ResourcePattern;
import org.apache.kafka.common.resource.ResourceType;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;

/// A gateway that may no longer read a topic waits in vain for answers, so nobody should send it calls.
@WithStack
final class ReadinessIT {
    @Test
    void isNotReadyWhileItMayNotReadATopic() throws Exception {
        GatewayStack stack = GatewayStack.shared();
        Assumptions.assumeTrue(TestStack.shared().isSecured(), "the stack's broker has no authorizer");
        AclBinding denial = new AclBinding(
                new ResourcePattern(
                        ResourceType.TOPIC, stack.namespace.topic(Topic.RETRIEVAL_RESULTS), PatternType.LITERAL),
                new AccessControlEntry(StackUser.GATEWAY.principal(), "*", AclOperation.READ, AclPermissionType.DENY));
        try (GatewayRuntime gateway = stack.gateway();
                Admin admin = Admin.create(stack.addresses.kafkaProperties(StackUser.ADMIN))) {
            Http health = Http.to(gateway.healthPort());
            Waiting.until(GatewayStack.LIMIT, () -> health.get("/health/ready").status() == 200, "readiness");
            try {
                admin.createAcls(List.of(denial)).all().get();

                Waiting.until(
                        GatewayStack.LIMIT, () -> health.get("/health/ready").status() == 503, "the denial");
                assertThat(health.get("/health").json().path("state").asText()).isEqualTo("DENIED");
                assertThat(health.get("/health")
                                .json()
                                .path("details")
                                .path("topics-denied")
                                .asText())
                        .contains(stack.namespace.topic(Topic.RETRIEVAL_RESULTS));
                // a restart would not help
                assertThat(health.get("/health/live").status()).isEqualTo(200);
            } finally {
                admin.deleteAcls(List.of(denial.toFilter())).all().get();
            }
            Waiting.until(GatewayStack.LIMIT, () -> health.get("/health/ready").status() == 200, "readiness again");
        }
    }
}
