package dev.firn.lake.catalog;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class SocketTimeoutsTest {
    private static Map<String, String> added(Map<String, String> properties, String callTime) {
        Map<String, String> added = new HashMap<>(SocketTimeouts.complete(properties, Duration.parse(callTime)));
        properties.forEach((key, value) -> assertThat(added.remove(key)).isEqualTo(value));
        return added;
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "jdbc:postgresql://h/db | PT20S  | jdbc.connectTimeout=5 jdbc.socketTimeout=20 jdbc.loginTimeout=20",
                "jdbc:postgresql://h/db | PT0.2S | jdbc.connectTimeout=1 jdbc.socketTimeout=1 jdbc.loginTimeout=1",
                "jdbc:mysql://h/db      | PT20S  | jdbc.connectTimeout=5000 jdbc.socketTimeout=20000",
                "jdbc:mariadb://h/db    | PT20S  | jdbc.connectTimeout=5000 jdbc.socketTimeout=20000",
                "jdbc:sqlserver://h     | PT20S  | jdbc.loginTimeout=5 jdbc.socketTimeout=20000",
                "jdbc:oracle:thin:@h    | PT20S  | jdbc.oracle.net.CONNECT_TIMEOUT=5000 jdbc.oracle.jdbc.ReadTimeout=20000",
                "jdbc:postgresql://h/db?socketTimeout=7 | PT20S | jdbc.connectTimeout=5 jdbc.loginTimeout=20",
            })
    void aDriverGetsItsOwnProperties(String url, String callTime, String expected) {
        Map<String, String> added = added(Map.of("type", "jdbc", "uri", url), callTime);
        assertThat(added.entrySet().stream()
                        .filter(entry -> entry.getKey().startsWith("jdbc."))
                        .map(Object::toString))
                .containsExactlyInAnyOrder(expected.split(" "));
    }

    @Test
    void aRestCatalogWaitsNoLongerThanACall() {
        assertThat(added(Map.of("type", "rest", "uri", "http://h"), "PT3S"))
                .containsExactlyInAnyOrderEntriesOf(
                        Map.of("rest.client.connection-timeout-ms", "3000", "rest.client.socket-timeout-ms", "3000"));
    }

    @Test
    void whatTheOperatorSetsWins() {
        assertThat(added(
                        Map.of(
                                "uri", "jdbc:postgresql://h/db",
                                "jdbc.socketTimeout", "90",
                                "rest.client.socket-timeout-ms", "1"),
                        "PT20S"))
                .containsOnlyKeys("jdbc.connectTimeout", "jdbc.loginTimeout", "rest.client.connection-timeout-ms");
    }

    @Test
    void sqliteNeedsNone() {
        assertThat(added(Map.of("uri", "jdbc:sqlite:a.db"), "PT20S"))
                .allSatisfy((key, value) -> assertThat(key).startsWith("rest."));
    }
}
