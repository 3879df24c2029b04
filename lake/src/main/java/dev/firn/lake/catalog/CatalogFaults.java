package dev.firn.lake.catalog;

import dev.firn.lake.LakeCode;
import dev.firn.lake.LakeException;
import dev.firn.lake.LakeFaults;
import dev.firn.lake.LakeOutage;
import dev.firn.lake.LakeRejection;
import dev.firn.lake.Reason;
import dev.firn.lake.Secrets;
import dev.firn.lake.TableName;
import dev.firn.lake.storage.S3Faults;
import java.util.Optional;
import java.util.Set;
import org.apache.iceberg.exceptions.NoSuchIcebergTableException;

/// Distinguishes definite answers of a catalog from outages. Only explicit answers are definite: those of the
/// catalog, those of the store about a metadata file, and a metadata file that is missing or damaged. Refused
/// credentials, locked databases and other exceptions may be over in a minute.
final class CatalogFaults {
    private static final Set<LakeCode> WORTH_ANOTHER_LOOK = Set.of(LakeCode.FILE_NOT_FOUND, LakeCode.FILE_UNREADABLE);

    private final Secrets secrets;
    private final S3Faults store;

    CatalogFaults(Secrets secrets) {
        this.secrets = secrets;
        this.store = new S3Faults(secrets);
    }

    /// Whether the same call may soon get another answer: a commit may have replaced the metadata file meanwhile.
    static boolean mayPass(Throwable fault) {
        return fault instanceof LakeOutage
                || (fault instanceof LakeRejection answer && WORTH_ANOTHER_LOOK.contains(answer.lakeCode()));
    }

    LakeException translate(TableName table, Throwable fault) {
        if (fault instanceof LakeException ours) {
            return ours instanceof LakeRejection refusal ? masked(refusal) : ours;
        }
        Optional<LakeRejection> answer = LakeFaults.cause(fault, LakeRejection.class);
        if (answer.isPresent()) {
            return rejection(
                    answer.get().lakeCode(), table, String.valueOf(answer.get().getMessage()), fault);
        }
        if (fault instanceof NoSuchIcebergTableException) {
            return rejection(LakeCode.UNSUPPORTED_TABLE, table, "is not an Iceberg table", fault);
        }
        if (LakeFaults.isNotFound(fault)) {
            return rejection(
                    LakeCode.FILE_NOT_FOUND,
                    table,
                    "the catalog names a file that is missing: " + Reason.of(fault),
                    fault);
        }
        Optional<LakeRejection> refusal = store.refusal("a metadata file", fault);
        if (refusal.isPresent()) {
            return rejection(
                    refusal.get().lakeCode(),
                    table,
                    String.valueOf(refusal.get().getMessage()),
                    fault);
        }
        return outage(table, "catalog '" + table.catalog() + "' does not answer: " + Reason.of(fault), fault);
    }

    /// Of a file that is read or written for a target table. A store that denies it is definite: the catalog may let
    /// Firn write a table whose files it may not write.
    LakeException ofFile(TableName table, String location, RuntimeException fault) {
        Optional<LakeException> known = LakeFaults.cause(fault, LakeException.class);
        if (known.isPresent()) {
            return known.get();
        }
        if (LakeFaults.isNotFound(fault)) {
            return rejection(LakeCode.FILE_NOT_FOUND, table, location + " does not exist", fault);
        }
        Optional<LakeRejection> refusal = store.refusal(location, fault);
        if (refusal.isPresent()) {
            return rejection(
                    refusal.get().lakeCode(),
                    table,
                    String.valueOf(refusal.get().getMessage()),
                    fault);
        }
        return new LakeOutage(
                LakeCode.STORAGE_UNAVAILABLE,
                secrets.masked("[" + table + "] " + location + ": " + Reason.of(fault)),
                secrets.masked(fault));
    }

    /// A refusal may quote what a catalog has said.
    private LakeRejection masked(LakeRejection refusal) {
        String message = String.valueOf(refusal.getMessage());
        String masked = secrets.masked(message);
        return masked.equals(message)
                ? refusal
                : new LakeRejection(
                        refusal.lakeCode(), masked, refusal.suggestion().orElse(null), secrets.masked(refusal));
    }

    private LakeRejection rejection(LakeCode code, TableName table, String what, Throwable fault) {
        return new LakeRejection(code, secrets.masked("[" + table + "] " + what), null, secrets.masked(fault));
    }

    LakeOutage outage(TableName table, String what, Throwable fault) {
        return new LakeOutage(
                LakeCode.CATALOG_UNAVAILABLE, secrets.masked("[" + table + "] " + what), secrets.masked(fault));
    }
}
