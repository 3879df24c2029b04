package dev.firn.lake.catalog;

import dev.firn.lake.Access;
import dev.firn.lake.LakeCode;
import dev.firn.lake.LakeRejection;
import dev.firn.lake.TableName;
import dev.firn.lake.storage.TableCaches;
import java.util.List;
import java.util.Optional;
import org.apache.iceberg.BaseTable;
import org.apache.iceberg.Table;
import org.apache.iceberg.TableMetadata;
import org.apache.iceberg.catalog.Catalog;
import org.apache.iceberg.catalog.Namespace;
import org.apache.iceberg.catalog.SupportsNamespaces;
import org.apache.iceberg.catalog.TableIdentifier;
import org.apache.iceberg.catalog.ViewCatalog;
import org.apache.iceberg.exceptions.ForbiddenException;
import org.apache.iceberg.exceptions.NoSuchIcebergTableException;
import org.apache.iceberg.exceptions.NoSuchNamespaceException;
import org.apache.iceberg.exceptions.NoSuchTableException;
import org.apache.iceberg.rest.RESTCatalog;
import org.jspecify.annotations.Nullable;

/// Loads one table once, or rejects with the definite reason.
final class TableLoad {
    /// The newest format version that Firn reads.
    static final int MAX_FORMAT_VERSION = 3;

    /// Limit of names searched for the nearest one.
    private static final int MAX_NAMES = 10_000;

    private final Catalog catalog;
    private final TableName name;
    private final Namespace namespace;
    private final TableCaches cache;

    TableLoad(Catalog catalog, TableName name, TableCaches cache) {
        this.catalog = catalog;
        this.name = name;
        this.cache = cache;
        this.namespace = Namespace.of(name.schema().split("\\."));
    }

    /// @param warehouse the catalog's; null if not set
    LakeTable load(Access access, @Nullable String warehouse) {
        return of(writable(), access, warehouse);
    }

    /// Like [#load], but reads no metadata that is known.
    LakeTable look(KnownTables known, Access access, @Nullable String warehouse) {
        return of(known.current(catalog, name, this::writable), access, warehouse);
    }

    private LakeTable of(Table table, Access access, @Nullable String warehouse) {
        if (!(table instanceof BaseTable plain)) {
            throw unsupported("is a metadata table");
        }
        TableMetadata metadata = plain.operations().current();
        requireSupported(metadata);
        DataLocations locations = DataLocations.of(access, name, warehouse, table.io(), metadata.location());
        // the server of a REST catalog reads this file itself
        if (metadata.metadataFileLocation() != null && !(catalog instanceof RESTCatalog)) {
            locations.check(metadata.metadataFileLocation());
        }
        // a REST catalog may load snapshots lazily: load them here, within the time limit
        metadata.snapshots();
        return new LakeTable(name, metadata, new FrozenTable(metadata, table, locations, name.toString(), cache));
    }

    /// The table as the catalog returns it, able to commit.
    Table writable() {
        TableIdentifier identifier = TableIdentifier.of(namespace, name.table());
        try {
            return catalog.loadTable(identifier);
        } catch (NoSuchIcebergTableException other) {
            throw other;
        } catch (ForbiddenException denied) {
            throw new LakeRejection(
                    LakeCode.TABLE_DENIED, "[" + name + "] the catalog does not let Firn read the table", null, denied);
        } catch (NoSuchTableException missing) {
            return catalog.loadTable(
                    sameNameInAnotherCase(identifier).orElseThrow(() -> notFound(identifier, missing)));
        } catch (NoSuchNamespaceException missing) {
            throw notFound(identifier, missing);
        }
    }

    /// Trino lists names in lower case, whatever the catalog calls the table.
    private Optional<TableIdentifier> sameNameInAnotherCase(TableIdentifier identifier) {
        List<String> same = names().stream()
                .filter(other -> other.equalsIgnoreCase(identifier.name()))
                .toList();
        return same.size() == 1 ? Optional.of(TableIdentifier.of(namespace, same.getFirst())) : Optional.empty();
    }

    private void requireSupported(TableMetadata metadata) {
        if (metadata.formatVersion() > MAX_FORMAT_VERSION) {
            throw unsupported(
                    "has format version " + metadata.formatVersion() + "; Firn reads up to " + MAX_FORMAT_VERSION);
        }
        if (metadata.properties().containsKey("encryption.key-id")
                || !metadata.encryptionKeys().isEmpty()) {
            throw unsupported("is encrypted");
        }
        if (metadata.uuid() == null) {
            throw unsupported("has no UUID; an Iceberg writer gives it one at its next commit");
        }
    }

    /// A JDBC catalog of schema V0 implements ViewCatalog but throws when asked for a view.
    private boolean isView(TableIdentifier identifier) {
        try {
            return catalog instanceof ViewCatalog views && views.viewExists(identifier);
        } catch (UnsupportedOperationException e) {
            return false;
        }
    }

    private LakeRejection notFound(TableIdentifier identifier, RuntimeException missing) {
        if (isView(identifier)) {
            return unsupported("is a view");
        }
        if (catalog instanceof SupportsNamespaces namespaces && !namespaces.namespaceExists(namespace)) {
            Optional<String> nearest = nearestSchema(namespaces);
            return new LakeRejection(
                    LakeCode.SCHEMA_NOT_FOUND,
                    "[" + name + "] catalog '" + name.catalog() + "' has no schema '" + name.schema() + "'"
                            + suggestionText(nearest),
                    nearest.orElse(null),
                    missing);
        }
        Optional<String> nearest = NearestName.of(name.table(), names());
        return new LakeRejection(
                LakeCode.TABLE_NOT_FOUND,
                "[" + name + "] schema '" + name.schema() + "' has no table '" + name.table() + "'"
                        + suggestionText(nearest),
                nearest.orElse(null),
                missing);
    }

    private LakeRejection unsupported(String why) {
        return new LakeRejection(LakeCode.UNSUPPORTED_TABLE, "[" + name + "] " + why);
    }

    /// Empty if the catalog cannot list its tables.
    private List<String> names() {
        try {
            return catalog.listTables(namespace).stream()
                    .limit(MAX_NAMES)
                    .map(TableIdentifier::name)
                    .toList();
        } catch (RuntimeException cannotList) {
            return List.of();
        }
    }

    private Optional<String> nearestSchema(SupportsNamespaces namespaces) {
        try {
            List<String> names = namespaces.listNamespaces().stream()
                    .limit(MAX_NAMES)
                    .map(Namespace::toString)
                    .toList();
            return NearestName.of(name.schema(), names);
        } catch (RuntimeException cannotList) {
            return Optional.empty();
        }
    }

    private static String suggestionText(Optional<String> nearest) {
        return nearest.map(name -> "; did you mean '" + name + "'?").orElse("");
    }
}
