package dev.firn.schemas;

import static org.assertj.core.api.Assertions.assertThat;

import dev.firn.embedded.StackUser;
import dev.firn.testkit.TestStack;
import dev.firn.testkit.Waiting;
import dev.firn.testkit.WithStack;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.ScramCredentialInfo;
import org.apache.kafka.clients.admin.ScramMechanism;
import org.apache.kafka.clients.admin.UserScramCredentialUpsertion;
import org.apache.kafka.common.KafkaException;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// A client whose password changes at a real broker goes on once the file has the new one.
@WithStack
final class KafkaCredentialsIT {
    private static final Duration LIMIT = Duration.ofSeconds(30);
    private static final String MECHANISM = "SCRAM-SHA-256";

    private final String user = TestStack.namespace();
    private final TestStack stack;

    KafkaCredentialsIT(TestStack stack) {
        this.stack = stack;
        Assumptions.assumeTrue(stack.isSecured(), "the stack's broker has no users");
    }

    @Test
    void aNewPasswordInTheFileCountsWithoutARestart(@TempDir Path folder) throws Exception {
        Path file = folder.resolve("kafka.properties");
        try (Admin admin = Admin.create(stack.kafka(StackUser.ADMIN))) {
            set(admin, "first");
            write(file, "first");
            Map<String, Object> properties = stack.kafka(StackUser.CLIENT);
            properties.put("sasl.mechanism", MECHANISM);
            properties.put("sasl.client.callback.handler.class", KafkaCredentials.class.getName());
            properties.put(
                    "sasl.jaas.config",
                    "org.apache.kafka.common.security.scram.ScramLoginModule required credentialsFile=\"%s\";"
                            .formatted(file));
            // so that each call below logs in anew
            properties.put("connections.max.idle.ms", "1");
            assertThat(KafkaPrincipal.of(properties)).isEqualTo("User:" + user);
            try (Admin client = Admin.create(properties)) {
                Waiting.until(LIMIT, () -> answers(client), "the first login");

                set(admin, "second");
                Waiting.until(LIMIT, () -> !answers(client), "the old password to be refused");

                write(file, "second");
                Waiting.until(LIMIT, () -> answers(client), "a login with the new password");
            }
        }
    }

    private void set(Admin admin, String password) throws Exception {
        admin.alterUserScramCredentials(List.of(new UserScramCredentialUpsertion(
                        user, new ScramCredentialInfo(ScramMechanism.SCRAM_SHA_256, 4096), password)))
                .all()
                .get();
    }

    private void write(Path file, String password) throws IOException {
        Files.writeString(file, "username=%s\npassword=%s\n".formatted(user, password));
    }

    private static boolean answers(Admin client) {
        try {
            new AdminAnswers(LIMIT).await(client.describeCluster().nodes());
            return true;
        } catch (KafkaException e) {
            return false;
        }
    }
}
