package dev.firn.service;

import static org.assertj.core.api.Assertions.assertThat;

import dev.firn.lake.LakeCode;
import dev.firn.schemas.Code;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// The lake does not see the catalogue of codes: its own codes must be listed there under the same names.
final class LakeCodesTest {
    @ParameterizedTest
    @EnumSource
    void everyCodeOfTheLakeIsInTheCatalogue(LakeCode code) {
        assertThat(Code.of(code.name())).isPresent();
    }
}
