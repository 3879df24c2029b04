package dev.firn.retrieval.job;

import static org.assertj.core.api.Assertions.assertThat;

import dev.firn.lake.LakeCode;
import dev.firn.lake.LakeRejection;
import dev.firn.schemas.Code;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

final class LakeCodesTest {
    @ParameterizedTest
    @EnumSource
    void everyCodeOfTheLakeIsInTheCatalogue(LakeCode code) {
        assertThat(LakeCodes.of(code).name()).isEqualTo(code.name());
    }

    @Test
    void aViolationHasTheFaultOfItsCode() {
        LakeRejection rejection = new LakeRejection(LakeCode.TABLE_NOT_FOUND, "there is no table 'fact'", "facts");

        assertThat(LakeCodes.violation(rejection, "spine.table"))
                .isEqualTo(Code.TABLE_NOT_FOUND.violation("spine.table", "there is no table 'fact'", "facts"));
    }
}
