package dev.firn.lake.parquet;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.apache.iceberg.types.Types.NestedField;
import org.apache.parquet.schema.MessageType;
import org.apache.parquet.schema.PrimitiveType.PrimitiveTypeName;
import org.apache.parquet.schema.Types;
import org.junit.jupiter.api.Test;

final class ForeignSchemaTest {
    private static final MessageType TWICE = ForeignSchema.withIds(new MessageType(
            "spine",
            Types.optional(PrimitiveTypeName.INT64).named("id"),
            Types.optional(PrimitiveTypeName.INT64).named("a"),
            Types.optional(PrimitiveTypeName.INT64).named("a")));

    @Test
    void refusesTwoColumnsOfOneName() {
        assertThatThrownBy(() -> ForeignSchema.schema(TWICE, List.of("id", "a", "a")))
                .isInstanceOf(UnreadableColumnException.class)
                .hasMessageContaining("same name")
                .hasMessageContaining("for name a");
    }

    @Test
    void doesNotMindThemIfTheyAreNotKept() {
        assertThat(ForeignSchema.schema(TWICE, List.of("id")).columns())
                .extracting(NestedField::name)
                .containsExactly("id");
    }
}
