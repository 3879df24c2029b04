package dev.firn.cli.view;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.firn.cli.command.CommandContext;
import dev.firn.cli.command.CommandFailure;
import dev.firn.cli.command.ExitCode;
import dev.firn.cli.render.Console;
import dev.firn.events.RegistrationRequest;
import dev.firn.events.RegistrationResult;
import dev.firn.events.RegistrationStatus;
import dev.firn.schemas.Code;
import dev.firn.schemas.EventClasses;
import java.io.InputStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class RegisterCommandTest {
    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();
    private final Console console = new Console(new PrintWriter(out), new PrintWriter(err), false);

    @BeforeAll
    static void trustEvents() {
        EventClasses.trust();
    }

    @Test
    void readsDurationsAsPeopleWriteThem() {
        RegistrationRequest request = request("{\"name\": \"v\", \"ttl\": \"14d\", \"available_after\": \"90m\"}");

        assertThat(request.getTtlMicros()).isEqualTo(TimeUnit.DAYS.toMicros(14));
        assertThat(request.getAvailableAfterMicros())
                .isEqualTo(Duration.ofMinutes(90).toMillis() * 1000);
        assertThat(request("{\"name\": \"v\", \"ttl_micros\": 7}").getTtlMicros())
                .isEqualTo(7);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "{\"name\": \"v\", \"ttl\": \"14 days\"} | ttl: '14 days' must be a duration such as",
                "{\"name\": \"v\", \"ttl\": 14} | ttl must be a duration such as \"14d\" or \"36h\", not 14; for microseconds, write ttl_micros",
                "{\"name\": \"v\", \"ttl\": \"1d\", \"ttl_micros\": 1} | both ttl and ttl_micros",
            })
    void showsADurationThatDoesNotParse(String body, String complaint) {
        assertThatExceptionOfType(CommandFailure.class)
                .isThrownBy(() -> request(body))
                .withMessageContaining(complaint)
                .satisfies(failure -> assertThat(failure.exitCode()).isEqualTo(ExitCode.USAGE));
    }

    /// A script that reads the answer must not take a rejection for one.
    @Test
    void aRejectionIsNoAnswer() {
        RegistrationResult rejected = result(RegistrationStatus.REJECTED)
                .setViolations(List.of(Code.NO_FEATURES.violation("features", "name at least one feature")))
                .build();

        assertThat(Registrations.report(rejected, console, false)).isEqualTo(ExitCode.REFUSED);
        assertThat(out.toString()).isEmpty();
        assertThat(err.toString()).isEqualTo("""
                        firn: feature view 'v' was rejected:
                          ✗ NO_FEATURES features: name at least one feature
                        """);
        assertThat(Registrations.report(rejected, console, true)).isEqualTo(ExitCode.REFUSED);
        assertThat(out.toString()).contains("\"status\": \"REJECTED\"");
    }

    @Test
    void aFailureSaysWhatFailed() {
        RegistrationResult failed =
                result(RegistrationStatus.FAILED).setMessage("Trino is away").build();

        assertThat(Registrations.report(failed, console, false)).isEqualTo(ExitCode.REFUSED);
        assertThat(out.toString()).isEmpty();
        assertThat(err.toString()).isEqualTo("firn: Trino is away\n");
    }

    private RegistrationRequest request(String body) {
        CommandContext context =
                new CommandContext(console, InputStream.nullInputStream(), Map.of(), Map.of(), Clock.systemUTC());
        return new RegisterCommand(context).request(body);
    }

    private static RegistrationResult.Builder result(RegistrationStatus status) {
        return RegistrationResult.newBuilder()
                .setRequestId("r")
                .setRequestDigest("d")
                .setName("v")
                .setStatus(status)
                .setMessage("")
                .setAnsweredAt(Instant.EPOCH);
    }
}
