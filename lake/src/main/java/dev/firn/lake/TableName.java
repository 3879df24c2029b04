package dev.firn.lake;

/// A table's full name. The schema may have several levels, joined by dots; catalog and table have one.
public record TableName(String catalog, String schema, String table) {
    public TableName {
        requirePart("catalog", catalog);
        requirePart("schema", schema);
        requirePart("table", table);
        if (catalog.indexOf('.') >= 0) {
            throw new IllegalArgumentException("catalog must not contain a dot: '" + catalog + "'");
        }
        for (String level : schema.split("\\.", -1)) {
            requirePart("level of schema '" + schema + "'", level);
        }
    }

    /// Parses `catalog.schema.table`. Everything between the first and the last dot is the schema.
    public static TableName parse(String dotted) {
        int first = dotted.indexOf('.');
        int last = dotted.lastIndexOf('.');
        if (first <= 0 || first == last || last == dotted.length() - 1) {
            throw new IllegalArgumentException("'" + dotted + "' must be catalog.schema.table");
        }
        return new TableName(dotted.substring(0, first), dotted.substring(first + 1, last), dotted.substring(last + 1));
    }

    @Override
    public String toString() {
        return catalog + "." + schema + "." + table;
    }

    private static void requirePart(String what, String value) {
        if (value.isEmpty()) {
            throw new IllegalArgumentException(what + " must not be empty");
        }
        for (int i = 0; i < value.length(); i++) {
            if (Character.isISOControl(value.charAt(i))) {
                throw new IllegalArgumentException(what + " contains a control character at index " + i);
            }
        }
    }
}
