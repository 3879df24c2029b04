package dev.firn.retrieval.spine;

import de.siegmar.fastcsv.reader.CloseableIterator;
import de.siegmar.fastcsv.reader.CsvParseException;
import de.siegmar.fastcsv.reader.CsvReader;
import de.siegmar.fastcsv.reader.CsvRecord;
import dev.firn.lake.LakeFaults;
import dev.firn.schemas.Code;
import dev.firn.service.spine.EndedText;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PushbackReader;
import java.io.Reader;
import java.io.UncheckedIOException;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;
import java.time.ZoneId;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.apache.iceberg.Schema;
import org.apache.iceberg.io.InputFile;
import org.apache.iceberg.types.Type;
import org.jspecify.annotations.Nullable;

/// CSV files (RFC 4180), one after the other: UTF-8, separated by commas, each with a header; an empty field is null,
/// a quoted empty one is the empty string.
/// All files have the columns of the first one, in any order.
final class CsvRows implements FileRows {
    /// A chunk also ends after this many characters.
    private static final long CHUNK_LENGTH = 16L << 20;

    private static final char BYTE_ORDER_MARK = '\uFEFF';

    private final List<InputFile> files;
    /// Whether no chunk holds rows of two files.
    private final boolean fileByFile;
    private final List<String> header;
    private final TextColumns columns;
    private int nextFile;
    private @Nullable OpenFile open;

    /// @param keep columns to keep; empty keeps all
    CsvRows(List<InputFile> files, List<String> keep, Map<String, Type> types, ZoneId zone) {
        this(files, keep, Set.of(), types, zone);
    }

    /// @param keep columns to keep; empty keeps all
    /// @param folders columns that folders name, which the files need not have
    CsvRows(List<InputFile> files, List<String> keep, Set<String> folders, Map<String, Type> types, ZoneId zone) {
        this.files = List.copyOf(files);
        this.fileByFile = !folders.isEmpty();
        OpenFile first = openNext();
        this.open = first;
        this.header = first.header;
        try {
            this.columns = TextColumns.of(kept(first, keep, folders), types, zone);
            first.align(kept());
        } catch (RuntimeException e) {
            first.close();
            throw e;
        }
    }

    private static List<String> kept(OpenFile first, List<String> keep, Set<String> folders) {
        List<String> header = first.header;
        List<String> own = keep.stream()
                .filter(name -> header.contains(name) || !folders.contains(name))
                .toList();
        own.stream().filter(name -> !header.contains(name)).findFirst().ifPresent(missing -> {
            throw new SpineFault(
                    Code.SPINE_COLUMN_NOT_FOUND,
                    "spine.columns",
                    "[%s] there is no column '%s'; the columns are %s.".formatted(first.location, missing, header));
        });
        if (!keep.isEmpty()) {
            return own;
        }
        if (header.contains("")) {
            throw new SpineFault(
                    Code.SPINE_COLUMN_NOT_FOUND,
                    "spine.columns",
                    "[%s] column %d has no name, like the index that pandas writes; write the file with index=False, or list the columns to keep in 'columns'."
                            .formatted(first.location, header.indexOf("") + 1));
        }
        return header;
    }

    private List<String> kept() {
        return columns.schema().columns().stream().map(field -> field.name()).toList();
    }

    @Override
    public Schema schema() {
        return columns.schema();
    }

    @Override
    public List<String> names() {
        return header;
    }

    @Override
    public int file() {
        return nextFile - 1;
    }

    @Override
    public Optional<RowChunk> next() {
        TextColumns.Rows rows = columns.rows(Columns.FIRST_ROWS);
        int most = Columns.chunkRows(columns.schema().columns().size());
        while (rows.size() < most && rows.length() < CHUNK_LENGTH) {
            OpenFile file = open;
            if (file == null) {
                if (nextFile == files.size() || (fileByFile && rows.size() > 0)) {
                    break;
                }
                file = openNext();
                open = file;
                file.checkSameColumns(files.getFirst().location(), kept());
                file.align(kept());
            }
            if (!file.appendTo(rows)) {
                file.close();
                open = null;
            }
        }
        return rows.size() == 0 ? Optional.empty() : Optional.of(rows.build());
    }

    private OpenFile openNext() {
        return new OpenFile(files.get(nextFile++));
    }

    @Override
    public void close() {
        if (open != null) {
            open.close();
            open = null;
        }
    }

    /// One file that is being read.
    private static final class OpenFile {
        private final String location;
        private final CsvReader<CsvRecord> reader;
        private final CloseableIterator<CsvRecord> records;
        private final List<String> header;
        private int[] positions = new int[0];

        OpenFile(InputFile file) {
            this.location = file.location();
            // this class counts the values of a row; the last line that EndedText adds has only one
            this.reader = CsvReader.builder()
                    .skipEmptyLines(false)
                    .allowExtraFields(true)
                    .allowMissingFields(true)
                    .build(CsvFields.handler(), open(file));
            this.records = reader.iterator();
            try {
                this.header = readHeader();
            } catch (RuntimeException e) {
                close();
                throw e;
            }
        }

        private Reader open(InputFile file) {
            Reader text = null;
            try {
                text = new InputStreamReader(
                        file.newStream(),
                        StandardCharsets.UTF_8
                                .newDecoder()
                                .onMalformedInput(CodingErrorAction.REPORT)
                                .onUnmappableCharacter(CodingErrorAction.REPORT));
                return new EndedText(withoutByteOrderMark(text));
            } catch (IOException | RuntimeException e) {
                RuntimeException fault =
                        fault(e instanceof IOException io ? new UncheckedIOException(io) : (RuntimeException) e);
                closeQuietly(text, fault);
                throw fault;
            }
        }

        private static void closeQuietly(@Nullable Reader text, RuntimeException because) {
            try {
                if (text != null) {
                    text.close();
                }
            } catch (IOException e) {
                because.addSuppressed(e);
            }
        }

        private List<String> readHeader() {
            CsvRecord first = read();
            while (first != null && CsvFields.isEmptyLine(first)) {
                first = read();
            }
            if (first == null) {
                throw new SpineFault(
                        Code.SPINE_UNREADABLE,
                        "spine.locations",
                        "[%s] the file is empty; it needs a header.".formatted(location));
            }
            return CsvFields.texts(first);
        }

        /// Removed before the parser sees the text, so that a quote after the mark still quotes.
        private static Reader withoutByteOrderMark(Reader text) throws IOException {
            PushbackReader marked = new PushbackReader(text);
            int first = marked.read();
            if (first != BYTE_ORDER_MARK && first >= 0) {
                marked.unread(first);
            }
            return marked;
        }

        void checkSameColumns(String first, List<String> wanted) {
            if (!header.containsAll(wanted)) {
                throw new SpineFault(
                        Code.SPINE_FILES_DIFFER,
                        "spine.locations",
                        "[%s] the file has columns %s, but %s has %s.".formatted(location, header, first, wanted));
            }
        }

        /// Columns that are not kept may have any name, or none.
        void align(List<String> wanted) {
            wanted.stream()
                    .filter(name -> header.indexOf(name) != header.lastIndexOf(name))
                    .findFirst()
                    .ifPresent(name -> {
                        throw new SpineFault(
                                Code.COLUMN_COLLISION,
                                "spine.locations",
                                "[%s] the file has two columns named '%s'.".formatted(location, name));
                    });
            positions = wanted.stream().mapToInt(header::indexOf).toArray();
        }

        /// Appends the next row; returns false at the end of the file. An empty line is a row if there is only one
        /// column, with a null there.
        boolean appendTo(TextColumns.Rows rows) {
            CsvRecord row = read();
            while (row != null && header.size() > 1 && CsvFields.isEmptyLine(row)) {
                row = read();
            }
            if (row == null) {
                return false;
            }
            Line where = new Line(location, row.getStartingLineNumber());
            if (row.getFieldCount() != header.size()) {
                throw new SpineFault(
                        Code.SPINE_UNREADABLE,
                        "spine.locations",
                        "[%s] the row has %d values for %d columns."
                                .formatted(where.text(), row.getFieldCount(), header.size()));
            }
            for (int i = 0; i < positions.length; i++) {
                rows.append(i, CsvFields.value(row, positions[i]), where);
            }
            rows.endRow();
            return true;
        }

        private @Nullable CsvRecord read() {
            CsvRecord row;
            try {
                row = records.next();
                if (records.hasNext()) {
                    return row;
                }
            } catch (RuntimeException e) {
                throw fault(e);
            }
            if (!EndedText.isEnd(row.getFields())) {
                throw new SpineFault(
                        Code.SPINE_UNREADABLE,
                        "spine.locations",
                        "[%s] the file ends within a quoted value of the row that begins here: the file is cut, or a quote is missing."
                                .formatted(new Line(location, row.getStartingLineNumber()).text()));
            }
            return null;
        }

        private RuntimeException fault(RuntimeException fault) {
            if (fault instanceof UncheckedIOException io && io.getCause() instanceof CharacterCodingException) {
                return new SpineFault(
                        Code.SPINE_UNREADABLE,
                        "spine.locations",
                        "[%s] the file is not valid UTF-8.".formatted(location),
                        fault);
            }
            Optional<RuntimeException> ofTheStore = LakeFaults.ofSpineFile(location, fault);
            if (ofTheStore.isPresent()) {
                return ofTheStore.get();
            }
            return fault instanceof CsvParseException unreadable
                    ? new SpineFault(
                            Code.SPINE_UNREADABLE,
                            "spine.locations",
                            "[%s] the file is not valid CSV: %s.".formatted(location, reason(unreadable)),
                            fault)
                    : fault;
        }

        private static String reason(CsvParseException fault) {
            Throwable cause = fault.getCause();
            return fault.getMessage() + (cause == null ? "" : " (" + cause.getMessage() + ")");
        }

        void close() {
            try {
                reader.close();
            } catch (IOException e) {
                throw new UncheckedIOException("[" + location + "] the file could not be closed", e);
            }
        }
    }

    private record Line(String location, long number) implements TextColumns.Coordinates {
        @Override
        public String field() {
            return "spine.locations";
        }

        @Override
        public String text() {
            return location + " line " + number;
        }
    }
}
