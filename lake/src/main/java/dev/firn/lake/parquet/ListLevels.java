package dev.firn.lake.parquet;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import org.apache.parquet.bytes.ByteBufferInputStream;
import org.apache.parquet.bytes.BytesInput;
import org.apache.parquet.bytes.BytesUtils;
import org.apache.parquet.bytes.HeapByteBufferAllocator;
import org.apache.parquet.column.ColumnDescriptor;
import org.apache.parquet.column.Encoding;
import org.apache.parquet.column.page.DataPage;
import org.apache.parquet.column.page.DataPageV1;
import org.apache.parquet.column.page.DataPageV2;
import org.apache.parquet.column.page.DictionaryPage;
import org.apache.parquet.column.page.PageReader;
import org.apache.parquet.column.values.rle.RunLengthBitPackingHybridDecoder;
import org.apache.parquet.column.values.rle.RunLengthBitPackingHybridEncoder;
import org.apache.parquet.schema.MessageType;
import org.apache.parquet.schema.Type.Repetition;
import org.jspecify.annotations.Nullable;

/// The pages of a column within lists, without entries that belong to no list.
///
/// DuckDB writes a null array of fixed size as as many nulls as the array has elements. The second one claims to
/// continue a list (its repetition level) of which the first one says that it is null (its definition level).
/// Iceberg's reader takes it for the next row, or the next element, and all that follow are off by one.
///
/// *Rule:* an entry of repetition level `r` continues the `r`-th list around it, so the entry before reaches into
/// that list: its definition level is at least that of the list's elements. An entry that breaks the rule and has
/// no value is left out. One with a value is damage, and so is a column chunk that begins within a row.
///
/// Throws [CorruptParquetException]. For one thread.
final class ListLevels implements PageReader {
    private static final int INITIAL_BYTES = 64;
    private static final int PAGE_BYTES = 1 << 16;
    private static final int NOTHING_YET = -1;

    private final PageReader pages;
    private final int maxDefinition;
    /// By repetition level: the definition level of an element of that list.
    private final int[] elementDefinitions;
    /// The definition level of the last entry that was kept.
    private int last = NOTHING_YET;

    private ListLevels(PageReader pages, int maxDefinition, int[] elementDefinitions) {
        this.pages = pages;
        this.maxDefinition = maxDefinition;
        this.elementDefinitions = elementDefinitions;
    }

    /// The pages themselves if the column is in no list.
    static PageReader of(PageReader pages, ColumnDescriptor column, MessageType schema) {
        if (column.getMaxRepetitionLevel() == 0) {
            return pages;
        }
        int[] elements = new int[column.getMaxRepetitionLevel() + 1];
        int definition = 0;
        int repetition = 0;
        org.apache.parquet.schema.Type type = schema;
        for (String name : column.getPath()) {
            type = type.asGroupType().getType(name);
            definition += type.isRepetition(Repetition.REQUIRED) ? 0 : 1;
            if (type.isRepetition(Repetition.REPEATED)) {
                elements[++repetition] = definition;
            }
        }
        return new ListLevels(pages, column.getMaxDefinitionLevel(), elements);
    }

    @Override
    public DictionaryPage readDictionaryPage() {
        return pages.readDictionaryPage();
    }

    @Override
    public long getTotalValueCount() {
        return pages.getTotalValueCount();
    }

    @Override
    public @Nullable DataPage readPage() {
        DataPage page = pages.readPage();
        try {
            return switch (page) {
                case DataPageV1 v1
                when v1.getRlEncoding() == Encoding.RLE && v1.getDlEncoding() == Encoding.RLE -> checked(v1);
                case DataPageV2 v2 -> checked(v2);
                case null, default -> page;
            };
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /// Repetition levels, definition levels, each after its length, then the values.
    private DataPage checked(DataPageV1 page) throws IOException {
        ByteBuffer bytes = bytes(page.getBytes()).order(ByteOrder.LITTLE_ENDIAN);
        ByteBuffer all = bytes.duplicate();
        ByteBuffer repetitions = part(bytes);
        ByteBuffer definitions = part(bytes);
        Entries kept = check(repetitions, definitions, page.getValueCount());
        BytesInput content = kept.isComplete()
                ? BytesInput.from(all)
                : BytesInput.concat(
                        BytesInput.fromInt((int) kept.repetitions().size()),
                        kept.repetitions(),
                        BytesInput.fromInt((int) kept.definitions().size()),
                        kept.definitions(),
                        BytesInput.from(bytes));
        return new DataPageV1(
                content,
                kept.count(),
                (int) content.size(),
                page.getStatistics(),
                page.getRlEncoding(),
                page.getDlEncoding(),
                page.getValueEncoding());
    }

    private static ByteBuffer bytes(BytesInput input) throws IOException {
        return ByteBuffer.wrap(input.toInputStream().readAllBytes());
    }

    private static ByteBuffer part(ByteBuffer bytes) {
        int length = bytes.remaining() < Integer.BYTES ? -1 : bytes.getInt();
        if (length < 0 || length > bytes.remaining()) {
            throw new CorruptParquetException(
                    "levels of %d bytes in a page with %d left".formatted(length, bytes.remaining()));
        }
        ByteBuffer part = bytes.slice(bytes.position(), length);
        bytes.position(bytes.position() + length);
        return part;
    }

    private DataPage checked(DataPageV2 page) throws IOException {
        ByteBuffer repetitions = bytes(page.getRepetitionLevels());
        ByteBuffer definitions = bytes(page.getDefinitionLevels());
        Entries kept = check(repetitions.duplicate(), definitions.duplicate(), page.getValueCount());
        return DataPageV2.uncompressed(
                page.getRowCount(),
                page.getNullCount() - (page.getValueCount() - kept.count()),
                kept.count(),
                kept.isComplete() ? BytesInput.from(repetitions) : kept.repetitions(),
                kept.isComplete() ? BytesInput.from(definitions) : kept.definitions(),
                page.getDataEncoding(),
                page.getData(),
                page.getStatistics());
    }

    /// The levels of the entries that are kept; empty if all are.
    private record Entries(int count, boolean isComplete, BytesInput repetitions, BytesInput definitions) {}

    private Entries check(ByteBuffer repetitions, ByteBuffer definitions, int count) throws IOException {
        int before = last;
        int surplus = 0;
        RunLengthBitPackingHybridDecoder repetition = levels(repetitions, elementDefinitions.length - 1);
        RunLengthBitPackingHybridDecoder definition = levels(definitions, maxDefinition);
        for (int i = 0; i < count; i++) {
            surplus += keep(repetition.readInt(), definition.readInt()) ? 0 : 1;
        }
        if (surplus == 0) {
            return new Entries(count, true, BytesInput.empty(), BytesInput.empty());
        }
        last = before;
        return rewritten(repetitions, definitions, count, count - surplus);
    }

    private Entries rewritten(ByteBuffer repetitions, ByteBuffer definitions, int count, int kept) throws IOException {
        RunLengthBitPackingHybridDecoder repetition = levels(repetitions, elementDefinitions.length - 1);
        RunLengthBitPackingHybridDecoder definition = levels(definitions, maxDefinition);
        try (RunLengthBitPackingHybridEncoder keptRepetitions = encoder(elementDefinitions.length - 1);
                RunLengthBitPackingHybridEncoder keptDefinitions = encoder(maxDefinition)) {
            for (int i = 0; i < count; i++) {
                int r = repetition.readInt();
                int d = definition.readInt();
                if (keep(r, d)) {
                    keptRepetitions.writeInt(r);
                    keptDefinitions.writeInt(d);
                }
            }
            return new Entries(
                    kept,
                    false,
                    BytesInput.from(bytes(keptRepetitions.toBytes())),
                    BytesInput.from(bytes(keptDefinitions.toBytes())));
        }
    }

    private boolean keep(int repetition, int definition) {
        if (repetition >= elementDefinitions.length || definition > maxDefinition) {
            throw new CorruptParquetException("levels %d and %d are greater than those of the column, %d and %d"
                    .formatted(repetition, definition, elementDefinitions.length - 1, maxDefinition));
        }
        if (repetition > 0 && last < elementDefinitions[repetition]) {
            if (last == NOTHING_YET) {
                throw new CorruptParquetException("the first value of the row group does not begin a row");
            }
            if (definition == maxDefinition) {
                throw new CorruptParquetException("a value belongs to a list that is null or empty");
            }
            return false;
        }
        last = definition;
        return true;
    }

    private static RunLengthBitPackingHybridDecoder levels(ByteBuffer bytes, int max) {
        return new RunLengthBitPackingHybridDecoder(
                BytesUtils.getWidthFromMaxInt(max), ByteBufferInputStream.wrap(bytes.duplicate()));
    }

    private static RunLengthBitPackingHybridEncoder encoder(int max) {
        return new RunLengthBitPackingHybridEncoder(
                BytesUtils.getWidthFromMaxInt(max), INITIAL_BYTES, PAGE_BYTES, new HeapByteBufferAllocator());
    }
}
