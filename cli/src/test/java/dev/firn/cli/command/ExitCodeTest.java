package dev.firn.cli.command;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

final class ExitCodeTest {
    /// `docs/codes.md` lists what `--json` prints as the code of an error.
    @ParameterizedTest
    @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "OK")
    void everyFailureIsInTheCatalogueOfCodes(ExitCode exitCode) {
        assertThat(exitCode.code().name()).isEqualTo(exitCode.name());
    }
}
