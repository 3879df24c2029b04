package dev.firn.lake.parquet;

import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.PrimitiveIterator;
import org.apache.parquet.column.ColumnDescriptor;
import org.apache.parquet.column.page.PageReadStore;
import org.apache.parquet.column.page.PageReader;
import org.apache.parquet.schema.GroupType;
import org.apache.parquet.schema.LogicalTypeAnnotation;
import org.apache.parquet.schema.LogicalTypeAnnotation.ListLogicalTypeAnnotation;
import org.apache.parquet.schema.LogicalTypeAnnotation.MapKeyValueTypeAnnotation;
import org.apache.parquet.schema.LogicalTypeAnnotation.MapLogicalTypeAnnotation;
import org.apache.parquet.schema.MessageType;
import org.apache.parquet.schema.Type;
import org.apache.parquet.schema.Type.Repetition;
import org.apache.parquet.schema.Types;
import org.jspecify.annotations.Nullable;

/// Lists in the forms of old writers (parquet-avro by default, Thrift, Protobuf, Hive), as the form of today. Iceberg's
/// reader misreads the old ones: it joins the lists of all rows, or the lists within a list.
///
/// Today a list has three levels: `optional group a (LIST) { repeated group list { optional int32 element; } }`. In the
/// old forms some are missing:
///
/// - `optional group a (LIST) { repeated int32 element; }`: the repeated field is the element. So is a repeated
/// group of several fields, of one that is repeated, or with a name that says so (`array`, `a_tuple`).
/// - `repeated int32 a`, without an annotation: the field is the list and its element, and both are required.
///
/// The missing groups are added. That changes the names on the way to a value, but no level: where the file has a
/// repeated field there is now a required one in a repeated group, which has the same definition and repetition
/// levels. So the pages are read as they are, under the stored name: the one without the added groups. The rules
/// are those for backward compatibility in Parquet's `LogicalTypes.md`.
final class OldLists {
    private static final String ADDED_LIST = "__added_list";
    private static final String ADDED_ELEMENT = "__added_element";

    private OldLists() {}

    /// The schema with all lists in today's form; the same one if they are.
    static MessageType modern(MessageType stored) {
        List<Type> fields = stored.getFields().stream().map(OldLists::modern).toList();
        return fields.equals(stored.getFields()) ? stored : new MessageType(stored.getName(), fields);
    }

    private static Type modern(Type type) {
        if (!type.isRepetition(Repetition.REPEATED)) {
            return withModernParts(type);
        }
        GroupType list = group(
                Repetition.REQUIRED,
                type.getName(),
                LogicalTypeAnnotation.listType(),
                List.of(added(withModernParts(type), ADDED_ELEMENT)));
        return type.getId() == null ? list : list.withId(type.getId().intValue());
    }

    private static Type withModernParts(Type type) {
        if (type.isPrimitive()) {
            return type;
        }
        GroupType group = type.asGroupType();
        LogicalTypeAnnotation logical = group.getLogicalTypeAnnotation();
        boolean wrapsRepeated = group.getFieldCount() == 1 && group.getType(0).isRepetition(Repetition.REPEATED);
        if (wrapsRepeated && logical instanceof ListLogicalTypeAnnotation) {
            Type repeated = withModernParts(group.getType(0));
            return group.withNewFields(isElement(group) ? added(repeated, repeated.getName()) : repeated);
        }
        if (wrapsRepeated
                && (logical instanceof MapLogicalTypeAnnotation || logical instanceof MapKeyValueTypeAnnotation)) {
            Type map = group(
                    group.getRepetition(),
                    group.getName(),
                    LogicalTypeAnnotation.mapType(),
                    List.of(withModernParts(group.getType(0))));
            return group.getId() == null ? map : map.withId(group.getId().intValue());
        }
        return group.withNewFields(
                group.getFields().stream().map(OldLists::modern).toList());
    }

    private static boolean isElement(GroupType list) {
        Type repeated = list.getType(0);
        return repeated.isPrimitive()
                || repeated.asGroupType().getFieldCount() != 1
                || repeated.getLogicalTypeAnnotation() instanceof ListLogicalTypeAnnotation
                || repeated.getLogicalTypeAnnotation() instanceof MapLogicalTypeAnnotation
                || repeated.asGroupType().getType(0).isRepetition(Repetition.REPEATED)
                || repeated.getName().equals("array")
                || repeated.getName().equals(list.getName() + "_tuple");
    }

    /// A repeated group of a required element.
    private static GroupType added(Type element, String name) {
        return group(Repetition.REPEATED, ADDED_LIST, null, List.of(as(Repetition.REQUIRED, name, element)));
    }

    /// The columns of a modern schema as the file stores them.
    static MessageType stored(MessageType modern) {
        return new MessageType(
                modern.getName(),
                modern.getFields().stream().map(OldLists::stored).toList());
    }

    private static Type stored(Type type) {
        if (type.isPrimitive()) {
            return type;
        }
        GroupType group = type.asGroupType();
        if (group.getFieldCount() != 1 || !group.getType(0).getName().equals(ADDED_LIST)) {
            return group.withNewFields(
                    group.getFields().stream().map(OldLists::stored).toList());
        }
        Type element = stored(group.getType(0).asGroupType().getType(0));
        return element.getName().equals(ADDED_ELEMENT)
                ? as(Repetition.REPEATED, group.getName(), element)
                : group.withNewFields(as(Repetition.REPEATED, element.getName(), element));
    }

    /// The path of a modern schema's column in the file.
    static String[] storedPath(String[] modern) {
        return Arrays.stream(modern)
                .filter(name -> !name.equals(ADDED_LIST) && !name.equals(ADDED_ELEMENT))
                .toArray(String[]::new);
    }

    /// The pages of a row group, for a reader of a modern schema.
    static PageReadStore pages(PageReadStore stored, MessageType modern) {
        return new PageReadStore() {
            @Override
            public PageReader getPageReader(ColumnDescriptor column) {
                PageReader pages = stored.getPageReader(new ColumnDescriptor(
                        storedPath(column.getPath()),
                        column.getPrimitiveType(),
                        column.getMaxRepetitionLevel(),
                        column.getMaxDefinitionLevel()));
                return ListLevels.of(pages, column, modern);
            }

            @Override
            public long getRowCount() {
                return stored.getRowCount();
            }

            @Override
            public Optional<Long> getRowIndexOffset() {
                return stored.getRowIndexOffset();
            }

            @Override
            public Optional<PrimitiveIterator.OfLong> getRowIndexes() {
                return stored.getRowIndexes();
            }

            @Override
            public void close() {
                stored.close();
            }
        };
    }

    private static Type as(Repetition repetition, String name, Type type) {
        Type copy;
        if (type.isPrimitive()) {
            copy = Types.primitive(type.asPrimitiveType().getPrimitiveTypeName(), repetition)
                    .length(type.asPrimitiveType().getTypeLength())
                    .as(type.getLogicalTypeAnnotation())
                    .named(name);
        } else {
            copy = group(
                    repetition,
                    name,
                    type.getLogicalTypeAnnotation(),
                    type.asGroupType().getFields());
        }
        return type.getId() == null ? copy : copy.withId(type.getId().intValue());
    }

    private static GroupType group(
            Repetition repetition, String name, @Nullable LogicalTypeAnnotation logical, List<Type> fields) {
        Types.GroupBuilder<GroupType> builder = Types.buildGroup(repetition).addFields(fields.toArray(Type[]::new));
        return (logical == null ? builder : builder.as(logical)).named(name);
    }
}
