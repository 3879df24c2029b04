package dev.firn.retrieval.spine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.firn.engine.BytesColumn;
import dev.firn.engine.ColumnBuilder;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.apache.iceberg.types.Type;
import org.apache.iceberg.types.Types;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Text of a spine that is made to keep a worker busy. A parser that looks at each character a bounded number of times
/// needs milliseconds for all of it; one that goes back needs minutes.
final class HostileTextTest {
    private static final int LENGTH = 64 * 1024;
    private static final String ALPHABET = "0123456789+-:.TZ eEaNftI";
    private static final List<String> PIECES = List.of(
            "9",
            "0",
            ".",
            "+",
            "-",
            ":",
            "T",
            " ",
            "T ",
            "Z",
            "e",
            "e9",
            "1e",
            "-00",
            "+00",
            ":00",
            "T+00",
            "00:",
            "a",
            "\u0661",
            "\ud83d\ude00",
            "2024-01-02",
            "2024-01-02T03:04:05+00",
            "00000000-");
    private static final List<String> BEFORE = List.of("", "-", "2024-01-02T03:04:05", "2024-01-02 ", "1.", "1e-");
    private static final List<String> AFTER = List.of("", "x", "Z", "+00", "+00:00:0");

    @ParameterizedTest
    @ValueSource(
            strings = {
                "boolean",
                "int",
                "long",
                "float",
                "double",
                "date",
                "time",
                "timestamp",
                "timestamptz",
                "uuid",
                "binary",
                "fixed[16]",
                "decimal(38,10)",
                "string"
            })
    @Timeout(10)
    void isParsedOrRefusedAtOnce(String type) {
        Type parsed = Types.fromPrimitiveString(type);
        for (String piece : PIECES) {
            for (String before : BEFORE) {
                for (String after : AFTER) {
                    parse(parsed, before + piece.repeat(LENGTH / piece.length()) + after);
                }
            }
        }
        for (String text : random(new Random(42))) {
            parse(parsed, text);
        }
    }

    /// 1e-9999 is short, but to bring it to the type's scale means to divide by a number of 9,999 digits.
    @Test
    @Timeout(10)
    void aShortNumberWithALongExponentIsRefusedWithoutCalculating() {
        for (int i = 0; i < 200_000; i++) {
            assertThatThrownBy(() -> append(Types.DecimalType.of(38, 10), "1e-9999"))
                    .isInstanceOf(IllegalArgumentException.class);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"0e-9999", "0.00000", "0e5", "1500e-3", "1.5000000000000000000000000000000000000000000"})
    void exactDecimalsAreStillReadInAnyNotation(String text) {
        ColumnBuilder builder = append(Types.DecimalType.of(9, 2), text);
        assertThat(((BytesColumn) builder.build()).bytes(0)).hasSizeLessThan(3);
    }

    private static List<String> random(Random random) {
        List<String> texts = new ArrayList<>();
        for (int i = 0; i < 20; i++) {
            StringBuilder text = new StringBuilder(LENGTH);
            int letters = 1 + random.nextInt(ALPHABET.length());
            while (text.length() < LENGTH) {
                text.append(ALPHABET.charAt(random.nextInt(letters)));
            }
            texts.add(text.toString());
        }
        return texts;
    }

    private static void parse(Type type, String text) {
        try {
            append(type, text);
        } catch (IllegalArgumentException refused) {
            assertThat(refused.getMessage()).hasSizeLessThan(200);
        }
    }

    private static ColumnBuilder append(Type type, String text) {
        ColumnBuilder builder = Columns.builder(type, 1);
        new TextParser(type, ZoneOffset.UTC).append(text, builder);
        return builder;
    }
}
