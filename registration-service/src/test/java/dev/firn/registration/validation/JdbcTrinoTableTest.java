package dev.firn.registration.validation;

import static org.assertj.core.api.Assertions.assertThat;

import dev.firn.lake.TableName;
import dev.firn.registration.validation.TrinoTable.RowSample;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class JdbcTrinoTableTest {
    private static final String UTC = "CAST(current_timestamp AT TIME ZONE 'UTC' AS %s)";

    /// With UTC's time, each row of the last nine hours in Tokyo would lie in the future.
    @ParameterizedTest
    @CsvSource({
        "timestamp,,0",
        "timestamp,Asia/Tokyo,32400",
        "timestamp_ns,America/Los_Angeles,-28800",
        "timestamp,UTC+9,32400"
    })
    void nowOfATimeWithoutAZoneIsThatOfTheView(String type, @Nullable String zone, int seconds) {
        assertThat(now(type, zone))
                .isEqualTo("date_add('second', %d, %s)".formatted(seconds, UTC.formatted("timestamp(6)")));
    }

    @ParameterizedTest
    @CsvSource({"Asia/Tokyo", ","})
    void datesAndInstantsAreOfNoZone(@Nullable String zone) {
        assertThat(now("date", zone)).isEqualTo(UTC.formatted("date"));
        assertThat(now("timestamptz", zone)).isEqualTo("current_timestamp");
    }

    private static String now(String type, @Nullable String zone) {
        RowSample sample =
                new RowSample(new TableName("c", "s", "t"), List.of(), List.of("updated_at"), type, zone, 1, 10);
        return JdbcTrinoTable.now(sample, Instant.parse("2026-11-30T20:00:00Z"));
    }
}
