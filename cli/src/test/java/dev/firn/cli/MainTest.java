package dev.firn.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Locale;
import org.junit.jupiter.api.Test;

final class MainTest {
    @Test
    void printsTheSameDigitsInEveryLocale() throws Exception {
        Locale before = Locale.getDefault();
        Locale.setDefault(Locale.forLanguageTag("ar-EG"));
        try {
            Main.prepareProcess();

            assertThat("%,d".formatted(1_234)).isEqualTo("1,234");
        } finally {
            Locale.setDefault(before);
        }
    }
}
