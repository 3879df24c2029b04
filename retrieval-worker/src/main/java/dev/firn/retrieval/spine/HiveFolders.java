package dev.firn.retrieval.spine;

import dev.firn.schemas.Code;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// Folders by Hive's convention, as Hive, Spark, Trino, DuckDB and PyArrow write them: `dt=2024-01-01/part-0.parquet`.
/// The folder names a column and the value that it has in all rows below; the files usually do not have the column.
/// Characters that are awkward in a path are percent-encoded, and `__HIVE_DEFAULT_PARTITION__` stands for null.
public final class HiveFolders {
    private static final String NULL = "__HIVE_DEFAULT_PARTITION__";

    private static final Pattern ESCAPES = Pattern.compile("(?:%[0-9A-Fa-f]{2})+");

    private HiveFolders() {}

    /// Whether the path contains a name that is not data: `_SUCCESS`, `_temporary/`, `.part-0.parquet.crc`. A name that
    /// begins with `_` and contains `=` is data, and so is such a folder that begins with `.`.
    ///
    /// @param path below the spine's folder
    public static boolean areHidden(String path) {
        List<String> names = List.of(path.split("/", -1));
        for (int i = 0; i < names.size(); i++) {
            String name = names.get(i);
            boolean isFile = i == names.size() - 1;
            boolean isColumn = name.indexOf('=') >= 0 && !(isFile && name.startsWith("."));
            if (!isColumn && (name.startsWith("_") || name.startsWith("."))) {
                return true;
            }
        }
        return false;
    }

    /// The columns that the folders name, in the order of the path.
    ///
    /// @param path below the spine's folder
    /// @throws SpineFault if two folders name one column
    public static Map<String, @Nullable String> columns(String path) {
        Map<String, @Nullable String> columns = new LinkedHashMap<>();
        List<String> names = List.of(path.split("/", -1));
        for (String folder : names.subList(0, names.size() - 1)) {
            int equals = folder.indexOf('=');
            if (equals <= 0) {
                continue;
            }
            String column = decoded(folder.substring(0, equals));
            String text = folder.substring(equals + 1);
            if (columns.containsKey(column)) {
                throw new SpineFault(
                        Code.COLUMN_COLLISION,
                        "spine.locations",
                        "[%s] two folders name column '%s'.".formatted(path, column));
            }
            columns.put(column, text.isEmpty() || text.equals(NULL) ? null : decoded(text));
        }
        return columns;
    }

    /// A `+` is a plus, and what is not an escape stays as it is. PyArrow and DuckDB escape the bytes of
    /// UTF-8. Hive and Spark escape characters of one byte and leave all others as they are: if neighbouring
    /// escapes are not UTF-8, each of them is a character.
    private static String decoded(String text) {
        return ESCAPES.matcher(text).replaceAll(escapes -> {
            byte[] bytes = HexFormat.of().parseHex(escapes.group().replace("%", ""));
            return Matcher.quoteReplacement(
                    utf8(bytes).orElseGet(() -> new String(bytes, StandardCharsets.ISO_8859_1)));
        });
    }

    private static Optional<String> utf8(byte[] bytes) {
        try {
            return Optional.of(StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(bytes))
                    .toString());
        } catch (CharacterCodingException e) {
            return Optional.empty();
        }
    }
}
