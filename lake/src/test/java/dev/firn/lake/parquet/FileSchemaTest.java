package dev.firn.lake.parquet;

import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.apache.iceberg.Schema;
import org.apache.iceberg.types.Type;
import org.apache.iceberg.types.Types;
import org.apache.iceberg.types.Types.NestedField;
import org.apache.parquet.schema.MessageTypeParser;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// What Iceberg's reader would misread is refused by name.
final class FileSchemaTest {
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "int32 a (INTEGER(32,false)) = 1 | long",
                "int32 a (DECIMAL(9,2)) = 1 | decimal(9, 4)",
                "int64 a = 1 | int"
            })
    void aTopLevelColumnMustBeReadExactly(String inFile, String wanted) {
        assertThatThrownBy(() -> check("optional " + inFile, Types.fromPrimitiveString(wanted)))
                .isInstanceOf(UnreadableColumnException.class)
                .hasMessageContaining("column a ");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "int32 a = 1 | long",
                "int32 a (DECIMAL(9,2)) = 1 | decimal(12, 2)",
                "int96 a = 1 | timestamptz",
                "int64 a (TIMESTAMP(NANOS,true)) = 1 | timestamptz",
                "int32 a (UNKNOWN) = 1 | string"
            })
    void whatFitsIsRead(String inFile, String wanted) {
        assertThatCode(() -> check("optional " + inFile, Types.fromPrimitiveString(wanted)))
                .doesNotThrowAnyException();
    }

    @ParameterizedTest
    @CsvSource({"timestamp, true", "timestamptz, false"})
    void anInt96WithinAStructIsATimeWithAZone(String wanted, boolean isRefused) {
        Type struct = Types.StructType.of(NestedField.optional(2, "b", Types.fromPrimitiveString(wanted)));
        String inFile = "optional group a = 1 { optional int96 b = 2; }";
        if (isRefused) {
            assertThatThrownBy(() -> check(inFile, struct))
                    .isInstanceOf(UnreadableColumnException.class)
                    .hasMessageContaining("column a.b ");
        } else {
            assertThatCode(() -> check(inFile, struct)).doesNotThrowAnyException();
        }
    }

    private static void check(String inFile, Type wanted) {
        String end = inFile.endsWith("}") ? "" : ";";
        FileSchema.ofIds(MessageTypeParser.parseMessageType("message m { " + inFile + end + " }"))
                .check(new Schema(NestedField.optional(1, "a", wanted)));
    }
}
