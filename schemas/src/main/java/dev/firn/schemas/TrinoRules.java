package dev.firn.schemas;

import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/// Rules of Trino's file-based access control for the registration service, the only part that asks Trino: it may read
/// the tables of the allowed catalogs and schemas, and change nothing.
///
/// @param catalogs `firn.access.catalogs`
/// @param schemas `firn.access.schemas`, as `catalog.schema`
public record TrinoRules(List<String> catalogs, Optional<List<String>> schemas) {
    private static final JsonMapper JSON = JsonMapper.builder().build();

    public TrinoRules {
        catalogs = List.copyOf(catalogs);
        schemas = schemas.map(List::copyOf);
    }

    /// The content of a `security.config-file`. It has rules for this user alone: add those of your other users.
    ///
    /// @param user whom Trino sees: `firn.trino.user`
    public ObjectNode of(String user) {
        String who = literal(user);
        String allowed = catalogs.stream().map(TrinoRules::literal).collect(Collectors.joining("|"));
        ObjectNode rules = JSON.createObjectNode();
        var ofCatalogs = rules.putArray("catalogs");
        ofCatalogs.addObject().put("user", who).put("catalog", allowed).put("allow", "read-only");
        ofCatalogs.addObject().put("user", who).put("catalog", "system").put("allow", "read-only");
        rules.putArray("schemas").addObject().put("user", who).put("owner", false);
        var tables = rules.putArray("tables");
        if (schemas.isEmpty()) {
            table(tables.addObject(), who, allowed, ".*", ".*");
        } else {
            for (String schema : schemas.get()) {
                int dot = schema.indexOf('.');
                table(
                        tables.addObject(),
                        who,
                        literal(schema.substring(0, dot)),
                        literal(schema.substring(dot + 1)),
                        ".*");
            }
        }
        table(tables.addObject(), who, "system", "metadata", "catalogs");
        rules.putArray("queries").addObject().put("user", who).putArray("allow").add("execute");
        return rules;
    }

    private static void table(ObjectNode rule, String user, String catalog, String schema, String table) {
        rule.put("user", user)
                .put("catalog", catalog)
                .put("schema", schema)
                .put("table", table)
                .putArray("privileges")
                .add("SELECT");
    }

    /// Trino's rules are regular expressions.
    private static String literal(String name) {
        return name.matches("[A-Za-z0-9_-]*") ? name : Pattern.quote(name);
    }
}
