package dev.firn.registration.hint;

import java.util.List;
import java.util.Locale;
import java.util.regex.Pattern;

/// What another system says about a table. It may be wrong, late, early or said before: whoever hears it
/// looks at the catalog.
public sealed interface Hint {
    /// The table with this name has changed.
    ///
    /// @param table `catalog.schema.table` in Firn's names, in lower case: catalogs differ in how they write
    /// names
    record Named(String table) implements Hint {}

    /// A metadata file was written. It belongs to the table whose metadata files lie in this folder. The
    /// table's catalog may not name the file yet.
    record Written(String folder, String file) implements Hint {
        private static final Pattern S3_SCHEME = Pattern.compile("^s3[an]?://");

        /// @param location of the metadata file
        public static Written at(String location) {
            String plain = S3_SCHEME.matcher(location).replaceFirst("s3://");
            int slash = plain.lastIndexOf('/');
            return new Written(plain.substring(0, slash + 1), plain.substring(slash + 1));
        }
    }

    /// @param schema its levels
    static Named named(String catalog, List<String> schema, String table) {
        return named(catalog + "." + String.join(".", schema) + "." + table);
    }

    /// @param table `catalog.schema.table`
    static Named named(String table) {
        return new Named(table.toLowerCase(Locale.ROOT));
    }
}
