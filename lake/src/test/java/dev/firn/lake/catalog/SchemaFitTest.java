package dev.firn.lake.catalog;

import static org.assertj.core.api.Assertions.assertThat;

import dev.firn.lake.catalog.SchemaFit.Code;
import java.util.List;
import org.apache.iceberg.Schema;
import org.apache.iceberg.types.Type;
import org.apache.iceberg.types.Types;
import org.apache.iceberg.types.Types.NestedField;
import org.junit.jupiter.api.Test;

final class SchemaFitTest {
    private static final BoundColumn KEY = new BoundColumn(ColumnRole.KEY, "customer", "customer_id", 1, "int", null);
    private static final BoundColumn TIMESTAMP =
            new BoundColumn(ColumnRole.TIMESTAMP, "updated_at", "updated_at", 2, "timestamptz", null);
    private static final BoundColumn TOTAL =
            new BoundColumn(ColumnRole.FEATURE, "total", "total", 3, "int", Dtype.parse("int64"));
    private static final List<BoundColumn> VIEW = List.of(KEY, TIMESTAMP, TOTAL);

    @Test
    void anUnchangedSchemaFits() {
        SchemaFit fit = SchemaFit.byFieldId(VIEW, schema(1, "customer_id", 2, "updated_at", 3, "total"));
        assertThat(fit.fits()).isTrue();
        assertThat(fit.columns()).isEqualTo(VIEW);
    }

    @Test
    void renamedAndMovedColumnsFollowByFieldId() {
        SchemaFit fit = SchemaFit.byFieldId(VIEW, schema(3, "sum", 2, "at", 1, "client"));
        assertThat(fit.fits()).isTrue();
        assertThat(fit.columns()).extracting(BoundColumn::column).containsExactly("client", "at", "sum");
        assertThat(fit.columns()).extracting(BoundColumn::name).containsExactly("customer", "updated_at", "total");
    }

    @Test
    void swappedNamesFollowByFieldIdNotByName() {
        SchemaFit fit = SchemaFit.byFieldId(
                List.of(TOTAL),
                new Schema(field(3, "other", Types.IntegerType.get()), field(4, "total", Types.IntegerType.get())));
        assertThat(fit.columns()).extracting(BoundColumn::column).containsExactly("other");
    }

    @Test
    void aWideningThatTheDtypeAcceptsFollows() {
        SchemaFit fit = SchemaFit.byFieldId(List.of(TOTAL), new Schema(field(3, "total", Types.LongType.get())));
        assertThat(fit.fits()).isTrue();
        assertThat(fit.columns().getFirst().type()).isEqualTo("long");
    }

    @Test
    void aWideningThatTheDtypeDoesNotAcceptBreaks() {
        BoundColumn narrow = new BoundColumn(ColumnRole.FEATURE, "total", "total", 3, "int", Dtype.parse("int32"));
        SchemaFit fit = SchemaFit.byFieldId(List.of(narrow), new Schema(field(3, "total", Types.LongType.get())));
        assertThat(fit.reasons()).extracting(SchemaFit.Reason::code).containsExactly(Code.TYPE_CHANGED);
        assertThat(fit.reasons().getFirst().message())
                .isEqualTo("column 'total' is now long, expected a type that dtype int32 accepts");
    }

    @Test
    void aDroppedColumnBreaksAndItsNamesakeIsAnotherColumn() {
        SchemaFit gone = SchemaFit.byFieldId(VIEW, schema(1, "customer_id", 2, "updated_at"));
        assertThat(gone.reasons()).extracting(SchemaFit.Reason::code).containsExactly(Code.COLUMN_DROPPED);
        SchemaFit again = SchemaFit.byFieldId(VIEW, schema(1, "customer_id", 2, "updated_at", 9, "total"));
        assertThat(again.reasons().getFirst().message()).contains("field id 3").contains("is a new one");
    }

    @Test
    void allReasonsComeAtOnce() {
        SchemaFit fit = SchemaFit.byFieldId(VIEW, new Schema(field(7, "x", Types.LongType.get())));
        assertThat(fit.reasons()).extracting(SchemaFit.Reason::name).containsExactly("customer", "updated_at", "total");
        assertThat(fit.columns()).isEmpty();
    }

    @Test
    void aKeyMayBeWidenedButNotBecomeText() {
        assertThat(SchemaFit.byFieldId(List.of(KEY), new Schema(field(1, "customer_id", Types.LongType.get())))
                        .fits())
                .isTrue();
        assertThat(SchemaFit.byName(List.of(KEY), new Schema(field(8, "customer_id", Types.StringType.get())))
                        .reasons())
                .extracting(SchemaFit.Reason::code)
                .containsExactly(Code.TYPE_CHANGED);
    }

    @Test
    void aKeyOfAnOlderSnapshotMayBeNarrowerThanTheViewKnowsIt() {
        BoundColumn wide = new BoundColumn(ColumnRole.KEY, "customer", "customer_id", 1, "long", null);
        assertThat(SchemaFit.byFieldId(List.of(wide), new Schema(field(1, "customer_id", Types.IntegerType.get())))
                        .fits())
                .isTrue();
    }

    @Test
    void aTimestampThatBecameTextBreaks() {
        SchemaFit fit =
                SchemaFit.byName(List.of(TIMESTAMP), new Schema(field(1, "updated_at", Types.StringType.get())));
        assertThat(fit.reasons()).extracting(SchemaFit.Reason::code).containsExactly(Code.TYPE_CHANGED);
    }

    @Test
    void aReplacedTableResolvesByNameAgainNeverByOldFieldIds() {
        Schema replaced = new Schema(
                field(1, "total", Types.LongType.get()),
                field(2, "CUSTOMER_ID", Types.IntegerType.get()),
                field(3, "updated_at", Types.TimestampType.withZone()));
        SchemaFit fit = SchemaFit.byName(VIEW, replaced);
        assertThat(fit.fits()).isTrue();
        assertThat(fit.columns()).extracting(BoundColumn::fieldId).containsExactly(2, 3, 1);
    }

    @Test
    void onlyAColumnWithoutAFieldIdIsResolvedByName() {
        BoundColumn missing = new BoundColumn(
                ColumnRole.FEATURE, "count", "count", BoundColumn.NO_FIELD_ID, "int", Dtype.parse("int64"));
        List<BoundColumn> view = List.of(missing, TOTAL);

        SchemaFit still = SchemaFit.byFieldId(view, schema(3, "old_total", 4, "total"));
        assertThat(still.columns()).extracting(BoundColumn::fieldId).containsExactly(3);
        assertThat(still.reasons()).extracting(SchemaFit.Reason::code).containsExactly(Code.COLUMN_NOT_FOUND);

        SchemaFit whole = SchemaFit.byFieldId(view, schema(3, "old_total", 4, "total", 5, "count"));
        assertThat(whole.fits()).isTrue();
        assertThat(whole.columns()).extracting(BoundColumn::fieldId).containsExactly(5, 3);
    }

    @Test
    void aReplacedTableWithoutTheColumnOffersTheNearestName() {
        SchemaFit fit = SchemaFit.byName(List.of(TOTAL), new Schema(field(1, "totals", Types.LongType.get())));
        assertThat(fit.reasons()).extracting(SchemaFit.Reason::code).containsExactly(Code.COLUMN_NOT_FOUND);
        assertThat(fit.reasons().getFirst().nearest()).contains("totals");
    }

    private static Schema schema(Object... idsAndNames) {
        NestedField[] fields = new NestedField[idsAndNames.length / 2];
        for (int i = 0; i < fields.length; i++) {
            int id = (Integer) idsAndNames[2 * i];
            Type type = id == 2 ? Types.TimestampType.withZone() : Types.IntegerType.get();
            fields[i] = field(id, (String) idsAndNames[2 * i + 1], type);
        }
        return new Schema(fields);
    }

    private static NestedField field(int id, String name, Type type) {
        return NestedField.optional(id, name, type);
    }
}
