package dev.firn.lake.catalog;

import dev.firn.lake.LakeCode;
import dev.firn.lake.LakeException;
import dev.firn.lake.LakeOutage;
import dev.firn.lake.LakeRejection;
import dev.firn.lake.Secrets;
import dev.firn.lake.TableName;
import org.apache.iceberg.exceptions.NoSuchIcebergTableException;

/// Distinguishes definite answers of a catalog from outages. Only explicit answers are definite. Refused credentials,
/// missing metadata files, locked databases and other exceptions may be over in a minute and must not break a view.
final class CatalogFaults {
    private final Secrets secrets;

    CatalogFaults(Secrets secrets) {
        this.secrets = secrets;
    }

    LakeException translate(TableName table, Throwable fault) {
        if (fault instanceof LakeException ours) {
            return ours;
        }
        if (fault instanceof NoSuchIcebergTableException) {
            return new LakeRejection(
                    LakeCode.UNSUPPORTED_TABLE, "[" + table + "] is not an Iceberg table", null, secrets.masked(fault));
        }
        return outage(table, "catalog '" + table.catalog() + "' does not answer: " + deepest(fault), fault);
    }

    LakeOutage outage(TableName table, String what, Throwable fault) {
        return new LakeOutage(
                LakeCode.CATALOG_UNAVAILABLE, secrets.masked("[" + table + "] " + what), secrets.masked(fault));
    }

    /// The outer exceptions of catalogs say "failed to execute"; the root cause says why.
    private static String deepest(Throwable fault) {
        Throwable last = fault;
        for (int depth = 0; last.getCause() != null && depth < 20; depth++) {
            last = last.getCause();
        }
        return last == fault ? fault.toString() : fault.getClass().getSimpleName() + ": " + last;
    }
}
