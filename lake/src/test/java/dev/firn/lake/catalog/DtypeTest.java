package dev.firn.lake.catalog;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.apache.iceberg.types.Type;
import org.apache.iceberg.types.Type.TypeID;
import org.apache.iceberg.types.Types;
import org.apache.iceberg.types.Types.NestedField;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class DtypeTest {
    private static final List<Type> SCALARS = List.of(
            Types.BooleanType.get(),
            Types.IntegerType.get(),
            Types.LongType.get(),
            Types.FloatType.get(),
            Types.DoubleType.get(),
            Types.StringType.get(),
            Types.BinaryType.get(),
            Types.FixedType.ofLength(4),
            Types.DateType.get(),
            Types.TimeType.get(),
            Types.TimestampType.withoutZone(),
            Types.TimestampType.withZone(),
            Types.TimestampNanoType.withoutZone(),
            Types.TimestampNanoType.withZone(),
            Types.UUIDType.get(),
            Types.DecimalType.of(10, 2),
            Types.DecimalType.of(11, 2),
            Types.DecimalType.of(10, 3),
            Types.VariantType.get(),
            Types.UnknownType.get(),
            Types.GeometryType.crs84(),
            Types.GeographyType.crs84());

    /// docs/semantics.md rule 11, line by line: the types that each dtype accepts, and no others.
    private static final Map<String, Set<String>> ACCEPTED = Map.ofEntries(
            Map.entry("bool", Set.of("boolean")),
            Map.entry("int32", Set.of("int")),
            Map.entry("int64", Set.of("int", "long")),
            Map.entry("float32", Set.of("float")),
            Map.entry("float64", Set.of("float", "double")),
            Map.entry("string", Set.of("string")),
            Map.entry("bytes", Set.of("binary", "fixed[4]")),
            Map.entry("date", Set.of("date")),
            Map.entry("time", Set.of("time")),
            Map.entry("timestamp", Set.of("timestamp")),
            Map.entry("timestamptz", Set.of("timestamptz")),
            Map.entry("timestamp_ns", Set.of("timestamp_ns")),
            Map.entry("timestamptz_ns", Set.of("timestamptz_ns")),
            Map.entry("uuid", Set.of("uuid")),
            Map.entry("decimal(10,2)", Set.of("decimal(10, 2)")),
            Map.entry("decimal(12,2)", Set.of("decimal(10, 2)", "decimal(11, 2)")));

    @Test
    void rule11AcceptsExactlyWhatItSays() {
        ACCEPTED.forEach((dtype, types) -> assertThat(
                        SCALARS.stream().filter(Dtype.parse(dtype)::accepts).map(Type::toString))
                .as(dtype)
                .containsExactlyInAnyOrderElementsOf(types));
    }

    @Test
    void rule11HoldsWithinListsMapsAndStructs() {
        Type list = Types.ListType.ofOptional(1, Types.IntegerType.get());
        assertThat(Dtype.parse("list<int64>").accepts(list)).isTrue();
        assertThat(Dtype.parse("list<string>").accepts(list)).isFalse();
        assertThat(Dtype.parse("int32").accepts(list)).isFalse();
        Type map = Types.MapType.ofOptional(1, 2, Types.StringType.get(), list);
        assertThat(Dtype.parse("map<string,list<int32>>").accepts(map)).isTrue();
        assertThat(Dtype.parse("map<string,int32>").accepts(map)).isFalse();
        Type struct = Types.StructType.of(
                NestedField.optional(1, "Lat", Types.DoubleType.get()),
                NestedField.optional(2, "lon", Types.FloatType.get()));
        assertThat(Dtype.parse("struct<lon: float64, lat: float64>").accepts(struct))
                .isTrue();
        assertThat(Dtype.parse("struct<lat: float64>").accepts(struct)).isTrue();
        assertThat(Dtype.parse("struct<lat: float64, alt: float64>").accepts(struct))
                .isFalse();
        assertThat(Dtype.parse("struct<lat: float32>").accepts(struct)).isFalse();
    }

    @Test
    void rule11RefusesAVariantInsideAStructToo() {
        Type struct = Types.StructType.of(
                NestedField.optional(1, "a", Types.LongType.get()),
                NestedField.optional(2, "v", Types.VariantType.get()));
        assertThat(Dtype.parse("struct<a: int64>").accepts(struct)).isFalse();
        assertThat(Dtype.of(struct)).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "int64",
                "decimal(38,38)",
                "list<int32>",
                "map<string,list<float64>>",
                "struct<a: int64, b: struct<c: uuid>>"
            })
    void printsWhatItReads(String text) {
        assertThat(Dtype.parse(text)).hasToString(text);
    }

    @Test
    void blanksAndCaseDoNotMatter() {
        assertThat(Dtype.parse(" Map < STRING , Decimal( 10 , 2 ) > ")).hasToString("map<string,decimal(10,2)>");
    }

    @Test
    void saysTheDtypeOfAType() {
        Stream<String> dtypes =
                SCALARS.stream().flatMap(type -> Dtype.of(type).stream()).map(Dtype::toString);
        assertThat(dtypes)
                .containsExactly(
                        "bool",
                        "int32",
                        "int64",
                        "float32",
                        "float64",
                        "string",
                        "bytes",
                        "bytes",
                        "date",
                        "time",
                        "timestamp",
                        "timestamptz",
                        "timestamp_ns",
                        "timestamptz_ns",
                        "uuid",
                        "decimal(10,2)",
                        "decimal(11,2)",
                        "decimal(10,3)");
        SCALARS.forEach(type -> Dtype.of(type)
                .ifPresent(dtype -> assertThat(dtype.accepts(type)).isTrue()));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "int",
                "int64x",
                "int64 int64",
                "decimal",
                "decimal(10)",
                "decimal(39,2)",
                "decimal(2,3)",
                "decimal(-1,0)",
                "decimal(99999999999,2)",
                "list",
                "list<>",
                "list<int64",
                "map<string>",
                "struct<>",
                "struct<a>",
                "struct<a: int64, A: int32>",
                "variant",
                "list<unknown>",
                "int64>"
            })
    void anythingElseIsRefused(String text) {
        assertThatIllegalArgumentException().isThrownBy(() -> Dtype.parse(text));
    }

    @Test
    void saysWhereAndWhatWasExpected() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Dtype.parse("list<int65>"))
                .withMessageStartingWith("dtype 'list<int65>' at 6: expected one of int32");
    }

    @Test
    void depthAndLengthAreBounded() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Dtype.parse("list<".repeat(30) + "int32" + ">".repeat(30)));
        assertThatIllegalArgumentException().isThrownBy(() -> Dtype.parse("x".repeat(5000)));
    }

    @Test
    void rule8KeysAreExactScalars() {
        assertThat(SCALARS.stream()
                        .filter(type -> !ColumnRole.KEY.accepts(type))
                        .map(Type::typeId))
                .containsExactlyInAnyOrder(
                        TypeID.FLOAT, TypeID.DOUBLE, TypeID.VARIANT, TypeID.UNKNOWN, TypeID.GEOMETRY, TypeID.GEOGRAPHY);
        assertThat(ColumnRole.KEY.accepts(Types.ListType.ofOptional(1, Types.LongType.get())))
                .isFalse();
    }

    @Test
    void rule7TimestampsAreTimestampsOrDates() {
        assertThat(SCALARS.stream().filter(ColumnRole.TIMESTAMP::accepts).map(Type::toString))
                .containsExactlyInAnyOrder("date", "timestamp", "timestamptz", "timestamp_ns", "timestamptz_ns");
    }
}
