package dev.firn.registration.validation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.firn.embedded.StackAddresses;
import dev.firn.embedded.StackUser;
import dev.firn.testkit.TestStack;
import dev.firn.testkit.Trino;
import dev.firn.testkit.WithStack;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;

/// Trino with the documented rules: the registration service reads tables and changes nothing. All other tests of this
/// module show that this is enough for its work.
@WithStack
final class TrinoRightsIT {
    private final TrinoClient service;
    private final String table;

    TrinoRightsIT(TestStack stack, Trino trino) {
        Assumptions.assumeTrue(stack.isSecured(), "the stack's Trino has no access control");
        StackAddresses addresses = stack.addresses();
        service = client(addresses, StackUser.REGISTRATION_SERVICE.userName());
        table = "iceberg.%s.facts".formatted(trino.newSchema());
        trino.execute("CREATE TABLE %s AS SELECT 7 AS id".formatted(table));
    }

    private static TrinoClient client(StackAddresses addresses, String user) {
        return new TrinoClient(
                new TrinoLogin(addresses.trinoHost(), addresses.trinoPort(), user, Map.of(), Optional.empty()),
                Duration.ofSeconds(60));
    }

    @AfterEach
    void close() {
        service.close();
    }

    @Test
    void theServiceReadsTablesAndChangesNone() {
        assertThat(service.query("SELECT id FROM " + table, List.of(), row -> row.getInt(1)))
                .containsExactly(7);
        for (String change : List.of(
                "INSERT INTO %s VALUES 8",
                "DELETE FROM %s", "DROP TABLE %s", "CREATE TABLE %s_copy AS SELECT 1 AS id")) {
            assertThatThrownBy(() -> service.query(change.formatted(table), List.of(), row -> 0))
                    .as(change)
                    .isInstanceOf(TrinoClient.TrinoRefusedException.class)
                    .hasMessageContaining("Access Denied");
        }
    }

    @Test
    void othersReadNothing() {
        try (TrinoClient other = client(TestStack.shared().addresses(), "somebody")) {
            assertThatThrownBy(() -> other.query("SELECT id FROM " + table, List.of(), row -> row.getInt(1)))
                    .hasMessageContaining("Access Denied");
        }
    }
}
