package dev.firn.schemas;

import static org.assertj.core.api.Assertions.assertThat;

import dev.firn.events.Fault;
import dev.firn.events.Violation;
import java.util.Arrays;
import java.util.Comparator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

final class CodeTest {
    @ParameterizedTest
    @EnumSource
    void saysInTwoSentencesWhatHappenedAndWhatToDo(Code code) {
        assertThat(code.fault()).isNotEqualTo(Fault.UNKNOWN);
        assertThat(code.meaning()).matches("[A-Z].*[^.]\\.").hasSizeLessThanOrEqualTo(120);
        assertThat(code.remedy()).matches("[A-Z].*[^.]\\.").hasSizeLessThanOrEqualTo(120);
    }

    @Test
    void isInTheOrderOfItsGroups() {
        assertThat(Code.values()).isSortedAccordingTo(Comparator.comparing(Code::group));
    }

    @ParameterizedTest
    @CsvSource({
        "VERSION_CONFLICT, REQUEST",
        "LOCATION_NOT_ALLOWED, REQUEST",
        "DATA_LOCATION_NOT_ALLOWED, DATA",
        "SNAPSHOT_EXPIRED, DATA",
        "TOO_MANY_FILES, DATA",
        "FILE_UNREADABLE, DATA",
        "NULL_KEYS, DATA",
        "VIEW_BROKEN, DATA",
        "OVERLOADED, SERVICE",
        "VALIDATION_UNAVAILABLE, SERVICE",
        "ATTEMPTS_EXHAUSTED, SERVICE",
        "STORAGE_UNAVAILABLE, SERVICE",
        "STORE_REFUSED, SERVICE",
        "SCRATCH_FULL, SERVICE",
        "OUT_OF_BUDGET, SERVICE"
    })
    void saysWhoIsAtFault(Code code, Fault fault) {
        assertThat(code.fault()).isEqualTo(fault);
    }

    @Test
    void findsCodesByName() {
        assertThat(Code.of("TABLE_NOT_FOUND")).contains(Code.TABLE_NOT_FOUND);
        assertThat(Code.of("OF_A_NEWER_VERSION")).isEmpty();
    }

    @Test
    void listsEveryCodeOfUndecodableBytes() {
        assertThat(Arrays.stream(UndecodableCode.values()).map(UndecodableCode::name))
                .allSatisfy(name -> assertThat(Code.of(name))
                        .hasValueSatisfying(code -> assertThat(code.group()).isEqualTo(Code.Group.RECORDS)));
    }

    @Test
    void makesViolationsWithItsFault() {
        assertThat(Code.COLUMN_NOT_FOUND.violation("features[0].name", "no such column", "total"))
                .isEqualTo(Violation.newBuilder()
                        .setCode("COLUMN_NOT_FOUND")
                        .setFault(Fault.REQUEST)
                        .setField("features[0].name")
                        .setMessage("no such column")
                        .setSuggestion("total")
                        .build());
        assertThat(Code.OVERLOADED.violation("", "busy").getSuggestion()).isNull();
        assertThat(Code.NULL_KEYS.sampledWarning("entities[0]", "3 rows").getSampled())
                .isTrue();
    }
}
