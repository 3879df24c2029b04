package dev.firn.lake.targets;

import dev.firn.lake.Access;
import dev.firn.lake.LakeCode;
import dev.firn.lake.LakeRejection;
import java.util.Optional;
import org.apache.iceberg.Schema;
import org.apache.iceberg.Table;
import org.apache.iceberg.TableProperties;
import org.apache.iceberg.Transaction;
import org.apache.iceberg.catalog.Catalog;
import org.apache.iceberg.catalog.Namespace;
import org.apache.iceberg.catalog.SupportsNamespaces;
import org.apache.iceberg.catalog.TableIdentifier;
import org.apache.iceberg.catalog.ViewCatalog;
import org.apache.iceberg.exceptions.AlreadyExistsException;
import org.apache.iceberg.exceptions.NoSuchIcebergTableException;
import org.apache.iceberg.exceptions.NoSuchNamespaceException;
import org.apache.iceberg.exceptions.NoSuchTableException;
import org.jspecify.annotations.Nullable;

/// Finds and creates target tables: in schemas that exist, where Firn may write, and for one owner each.
final class OwnedTables {
    private final Access access;

    OwnedTables(Access access) {
        this.access = access;
    }

    /// Creates it, unless another worker does.
    void create(Catalog catalog, Target target, Schema result) {
        requireSchema(catalog, target);
        Transaction creation;
        try {
            creation = catalog.buildTable(identifier(target), result)
                    .withProperty(TargetHistory.OWNER, target.owner())
                    .withProperty(TableProperties.FORMAT_VERSION, Integer.toString(TargetColumns.formatVersion(result)))
                    .createTransaction();
            checkLocations(target, creation.table());
            creation.commitTransaction();
        } catch (AlreadyExistsException raced) {
            // another worker, or a view: whoever looks next sees which
        }
    }

    /// Throws `SCHEMA_NOT_FOUND`.
    void requireSchema(Catalog catalog, Target target) {
        Namespace schema = identifier(target).namespace();
        if (catalog instanceof SupportsNamespaces namespaces && !namespaces.namespaceExists(schema)) {
            throw noSchema(target, null);
        }
    }

    /// The table, which the owner may write. Throws `TARGET_NOT_OWNED`, `SCHEMA_NOT_FOUND` or
    /// `DATA_LOCATION_NOT_ALLOWED`.
    Optional<Table> find(Catalog catalog, Target target) {
        Table table;
        try {
            table = catalog.loadTable(identifier(target));
        } catch (NoSuchIcebergTableException other) {
            throw notOwned(target, "the table is not an Iceberg table", other);
        } catch (NoSuchNamespaceException missing) {
            throw noSchema(target, missing);
        } catch (NoSuchTableException missing) {
            if (isView(catalog, target)) {
                throw notOwned(target, "the name belongs to a view", missing);
            }
            return Optional.empty();
        }
        requireOwned(target, table);
        return Optional.of(table);
    }

    /// Throws `TARGET_NOT_OWNED` or `DATA_LOCATION_NOT_ALLOWED`.
    void requireOwned(Target target, Table table) {
        String owner = table.properties().get(TargetHistory.OWNER);
        if (!target.owner().equals(owner)) {
            throw notOwned(
                    target,
                    owner == null
                            ? "Firn did not create the table"
                            : "Firn created the table for %s, not for %s".formatted(owner, target.owner()),
                    null);
        }
        checkLocations(target, table);
    }

    /// Files of the table lie in its location, but its owner may have its metadata written elsewhere.
    private void checkLocations(Target target, Table table) {
        access.checkTargetLocation(target.table(), table.location());
        String metadata = table.properties().get(TableProperties.WRITE_METADATA_LOCATION);
        if (metadata != null) {
            access.checkTargetLocation(target.table(), metadata);
        }
    }

    private static boolean isView(Catalog catalog, Target target) {
        try {
            return catalog instanceof ViewCatalog views && views.viewExists(identifier(target));
        } catch (UnsupportedOperationException noViews) {
            return false;
        }
    }

    private static TableIdentifier identifier(Target target) {
        return TableIdentifier.of(
                Namespace.of(target.table().schema().split("\\.", -1)),
                target.table().table());
    }

    static LakeRejection notOwned(Target target, String why, @Nullable RuntimeException cause) {
        return new LakeRejection(
                LakeCode.TARGET_NOT_OWNED, "[%s] %s; name another table".formatted(target.table(), why), null, cause);
    }

    private static LakeRejection noSchema(Target target, @Nullable RuntimeException cause) {
        return new LakeRejection(
                LakeCode.SCHEMA_NOT_FOUND,
                "[%s] catalog '%s' has no schema '%s'"
                        .formatted(
                                target.table(),
                                target.table().catalog(),
                                target.table().schema()),
                null,
                cause);
    }
}
