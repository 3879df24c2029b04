package dev.firn.engine;

import static dev.firn.engine.JoinTable.NONE;
import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

/// The worked cases of the semantics, named as they are there.
class WorkedCasesTest {
    @Test
    void basic() {
        assertThat(JoinTable.of("""
                                1 | 2023-12-31 | 2023-12-31 | 11
                                1 | 2024-01-02 | 2024-01-02 | 22
                                1 | 2024-01-03 | 2024-01-03 | 33
                                2 | 2023-01-03 | 2023-01-03 | 22
                                3 | 2024-01-01 | 2024-01-03 | 10
                                3 | 2024-01-01 | 2024-01-02 | 20
                                """, """
                                1 | 2024-01-01
                                1 | 2024-01-02
                                2 | 2024-01-01
                                3 | 2024-01-03
                                """).ttlDays(10).values()).containsExactly("11", "22", NONE, "10");
    }

    @Test
    void backfill() {
        assertThat(JoinTable.of("""
                                1001 | 2024-05-01 | 2024-05-01 | 10
                                1001 | 2024-05-01 | 2024-05-02 | 20
                                1002 | 2024-05-01 | 2024-05-02 | 30
                                1002 | 2024-05-02 | 2024-05-01 | 40
                                """, """
                                1001 | 2024-05-03
                                1002 | 2024-05-03
                                """).ttlDays(10).values()).containsExactly("20", "40");
    }

    private static final String CUT_OFF = """
            7 | 2024-05-01 | 2024-05-01 | 10
            7 | 2024-05-01 | 2024-05-03 | 20
            """;

    @Test
    void createdBreaksTiesOnlyWithoutTheCutOff() {
        assertThat(JoinTable.of(CUT_OFF, "7 | 2024-05-02").ttlDays(10).values()).containsExactly("20");
    }

    @Test
    void createdCutOff() {
        assertThat(JoinTable.of(CUT_OFF, "7 | 2024-05-02")
                        .ttlDays(10)
                        .filtersCreated()
                        .values())
                .containsExactly("10");
    }

    @Test
    void createdCutOffBetweenTwoSpineRows() {
        assertThat(JoinTable.of("""
                                7 | 2024-05-01 | 2024-05-01 | 10
                                7 | 2024-05-05 | 2024-05-08 | 20
                                """, """
                                7 | 2024-05-06
                                7 | 2024-05-09
                                """).ttlDays(10).filtersCreated().values()).containsExactly("10", "20");
    }

    @Test
    void lateRowThatIsOlder() {
        assertThat(JoinTable.of("""
                                7 | 2024-05-05 | 2024-05-05 | 10
                                7 | 2024-05-03 | 2024-05-08 | 20
                                """, """
                                7 | 2024-05-06
                                7 | 2024-05-09
                                """).ttlDays(10).filtersCreated().values()).containsExactly("10", "10");
    }

    @Test
    void dailyTotalAvailableAfterADay() {
        assertThat(JoinTable.of("1 | 2024-03-01 | - | 7", """
                                1 | 2024-03-01T09:00
                                1 | 2024-03-02
                                """)
                        .scales(TimeScale.MICROS, TimeScale.DAYS)
                        .availableAfterDays(1)
                        .ttlDays(10)
                        .values())
                .containsExactly(NONE, "7");
    }

    @Test
    void nanoseconds() {
        assertThat(JoinTable.of("1 | 2024-03-01T10:00:00.000000900 | - | 5", """
                                1 | 2024-03-01T10:00:00
                                1 | 2024-03-01T10:00:00.000001
                                """)
                        .scales(TimeScale.MICROS, TimeScale.NANOS)
                        .values())
                .containsExactly(NONE, "5");
    }

    @Test
    void exactTtlEdge() {
        assertThat(JoinTable.of("""
                                1 | 2024-03-01 | - | 5
                                2 | 2024-02-29T23:59:59.999999 | - | 6
                                """, """
                                1 | 2024-03-11
                                2 | 2024-03-11
                                """).ttlDays(10).values()).containsExactly("5", NONE);
    }

    @Test
    void neverSeenOnlyFutureOnlyExpired() {
        assertThat(JoinTable.of("""
                                2 | 2024-03-12 | - | 1
                                3 | 2024-02-01 | - | 2
                                """, """
                                1 | 2024-03-11
                                2 | 2024-03-11
                                3 | 2024-03-11
                                """).ttlDays(10).values()).containsExactly(NONE, NONE, NONE);
    }
}
