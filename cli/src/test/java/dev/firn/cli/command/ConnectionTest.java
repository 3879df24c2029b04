package dev.firn.cli.command;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.firn.config.Settings;
import java.util.Map;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.common.KafkaException;
import org.junit.jupiter.api.Test;

final class ConnectionTest {
    @Test
    void callsAClusterWithoutAKnownHostUnreachable() {
        Connection connection = connection("nobody.invalid:9092,no-one.invalid:9092");
        assertThatExceptionOfType(CommandFailure.class)
                .isThrownBy(connection::consumer)
                .withMessageContaining("nobody.invalid:9092")
                .satisfies(failure -> assertThat(failure.exitCode()).isEqualTo(ExitCode.NOT_REACHABLE));
    }

    @Test
    void callsAnAddressWithoutAPortAWrongSetting() {
        assertThatExceptionOfType(KafkaException.class)
                .isThrownBy(connection("nobody.invalid")::consumer)
                .satisfies(failure -> assertThat(
                                FailureReport.asCommandFailure(failure).exitCode())
                        .isEqualTo(ExitCode.USAGE));
    }

    /// Starting JMX takes longer than many commands run.
    @Test
    void makesClientsThatReportNoMetrics() {
        Connection connection = connection("127.0.0.1:1");
        try (Admin admin = Admin.create(connection.kafka())) {
            assertThat(admin.metrics()).isNotEmpty();
        }
        assertThat(connection.kafka())
                .containsEntry("metric.reporters", "")
                .containsEntry("enable.metrics.push", false);
    }

    private static Connection connection(String brokers) {
        Map<String, String> settings =
                Map.of("firn.kafka.bootstrap-servers", brokers, "firn.schema-registry.url", "http://127.0.0.1:1");
        return new Connection(Settings.load(Map.of(), settings), "a cluster");
    }
}
