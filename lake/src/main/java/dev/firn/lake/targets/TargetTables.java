package dev.firn.lake.targets;

import dev.firn.lake.LakeCode;
import dev.firn.lake.LakeOutage;
import dev.firn.lake.LakeRejection;
import dev.firn.lake.Reason;
import dev.firn.lake.catalog.Catalogs;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.Supplier;
import org.apache.iceberg.DataFile;
import org.apache.iceberg.OverwriteFiles;
import org.apache.iceberg.Schema;
import org.apache.iceberg.Snapshot;
import org.apache.iceberg.SnapshotAncestryValidator;
import org.apache.iceberg.Table;
import org.apache.iceberg.Transaction;
import org.apache.iceberg.catalog.Catalog;
import org.apache.iceberg.exceptions.BadRequestException;
import org.apache.iceberg.exceptions.ForbiddenException;
import org.apache.iceberg.exceptions.ValidationException;
import org.apache.iceberg.expressions.Expressions;

/// Writes results as Iceberg tables (`docs/decisions/0029-results-as-an-iceberg-table.md`). Thread-safe.
///
/// [#write] may be repeated, by several workers at once and after a crash at any point: a run is committed once, and
/// never after a later one. What decides that is the validation inside the commit; looking at the table before only
/// saves the copies.
///
/// Methods throw `TARGET_INVALID`, `TARGET_NOT_ALLOWED`, `TARGET_NOT_OWNED`, `TARGET_SCHEMA_CHANGED`, `TARGET_REFUSED`,
/// `SCHEMA_NOT_FOUND`, `DATA_LOCATION_NOT_ALLOWED`, the codes of files, or an outage.
public final class TargetTables {
    /// How often the columns of the table may change while files are copied.
    private static final int MAX_ROUNDS = 3;

    private final Catalogs catalogs;
    private final OwnedTables tables;

    public TargetTables(Catalogs catalogs) {
        this.catalogs = catalogs;
        this.tables = new OwnedTables(catalogs.access());
    }

    /// The table, if it exists, as far as it can be checked before there is a result.
    public Optional<Existing> check(Target target) {
        return at(target, catalog -> {
            Optional<Table> table = tables.find(catalog, target);
            if (table.isEmpty()) {
                tables.requireSchema(catalog, target);
            }
            return table.map(found -> new Existing(target, found));
        });
    }

    /// A table that belongs to the target's owner.
    public record Existing(Target target, Table table) {
        public String uuid() {
            return table.uuid().toString();
        }

        /// Throws `TARGET_SCHEMA_CHANGED` if it cannot hold such a result.
        public void requireFits(Schema result) {
            TargetColumns.of(target, table, result);
        }
    }

    /// Replaces the content of the table by the result, unless the table holds this run or a later one. Creates the
    /// table if there is none.
    ///
    /// @param parts the files of the result; at least one
    /// @param step runs again and again while files are copied; may throw to end that
    public Written write(Target target, TargetRun run, List<ResultPart> parts, Runnable step) {
        Copies copies = new Copies(catalogs, target, run, step);
        for (int round = 0; round < MAX_ROUNDS; round++) {
            Opened opened = at(target, catalog -> open(catalog, target, run, () -> copies.schema(parts.getFirst())));
            if (opened.standing().isPresent()) {
                copies.sweep(opened.table());
                return opened.standing().get();
            }
            String copy = copies.newFolder();
            List<DataFile> files;
            try {
                files = copies.make(opened.table(), opened.columns().ids(), copy, parts);
            } catch (LakeRejection refusal) {
                // whoever has committed the run meanwhile has deleted these copies
                return standing(target, run).orElseThrow(() -> refusal);
            }
            Optional<Opened> after = at(target, catalog -> commit(catalog, target, run, opened, copy, files, copies));
            if (after.isPresent()) {
                copies.sweep(after.get().table());
                return after.get().standing().orElseThrow();
            }
        }
        throw new LakeOutage(
                LakeCode.CATALOG_UNAVAILABLE,
                "[" + target.table() + "] the columns of the target table keep changing",
                null);
    }

    private Optional<Written> standing(Target target, TargetRun run) {
        return at(
                target,
                catalog -> tables.find(catalog, target)
                        .flatMap(table -> TargetHistory.of(table).find(run)));
    }

    /// A table as it was found.
    private record Opened(Table table, Optional<Written> standing, TargetColumns columns) {}

    /// @param result its columns, which are read only if the run is not in the table yet
    private Opened open(Catalog catalog, Target target, TargetRun run, Supplier<Schema> result) {
        Optional<Table> found = tables.find(catalog, target);
        if (found.isEmpty()) {
            tables.create(catalog, target, result.get());
            found = tables.find(catalog, target);
        }
        Table table = found.orElseThrow(() -> OwnedTables.notOwned(target, "the name belongs to a view", null));
        Optional<Written> standing = TargetHistory.of(table).find(run);
        TargetColumns columns = standing.isPresent()
                ? new TargetColumns(false, Map.of())
                : TargetColumns.of(target, table, result.get());
        return new Opened(table, standing, columns);
    }

    /// Empty if the table is another one by now, or its columns have changed: the copies do not fit.
    private Optional<Opened> commit(
            Catalog catalog,
            Target target,
            TargetRun run,
            Opened before,
            String copy,
            List<DataFile> files,
            Copies copies) {
        Optional<Table> found = tables.find(catalog, target);
        if (found.isEmpty()) {
            return Optional.empty();
        }
        Table table = found.get();
        // looks at the table anew, so whatever decides comes after it
        Transaction transaction = table.newTransaction();
        tables.requireOwned(target, table);
        if (!table.uuid().equals(before.table().uuid())
                || !table.location().equals(before.table().location())) {
            return Optional.empty();
        }
        Optional<Written> standing = TargetHistory.of(table).find(run);
        if (standing.isPresent()) {
            return Optional.of(new Opened(table, standing, before.columns()));
        }
        TargetColumns columns = TargetColumns.of(target, table, copies.schema());
        if (!columns.ids().equals(before.columns().ids())) {
            return Optional.empty();
        }
        Optional<ValidationException> refused = committed(
                transaction, run, columns.evolves() ? Optional.of(copies.schema()) : Optional.empty(), copy, files);
        table.refresh();
        Optional<Written> after = TargetHistory.of(table).find(run);
        if (after.isEmpty() && refused.isPresent()) {
            throw new LakeRejection(
                    LakeCode.TARGET_REFUSED,
                    "[" + target.table() + "] " + Reason.of(refused.get()),
                    null,
                    refused.get());
        }
        // somebody may have made the table anew right after the commit
        Written written = after.orElseGet(() -> new Written.Committed(Optional.empty()));
        return Optional.of(new Opened(table, Optional.of(written), columns));
    }

    /// One commit. The validation runs in each try of Iceberg's, with what that try builds on. The properties are set
    /// last, so that it sees those of the table.
    ///
    /// @return the refusal, if the validation was one
    private static Optional<ValidationException> committed(
            Transaction transaction, TargetRun run, Optional<Schema> evolved, String copy, List<DataFile> files) {
        evolved.ifPresent(
                schema -> transaction.updateSchema().unionByNameWith(schema).commit());
        OverwriteFiles overwrite = transaction
                .newOverwrite()
                .overwriteByRowFilter(Expressions.alwaysTrue())
                .validateWith(admitting(run, transaction.table()));
        files.forEach(overwrite::addFile);
        Map<String, String> marks = TargetHistory.marks(run, copy);
        run.summary().forEach(overwrite::set);
        marks.forEach(overwrite::set);
        try {
            overwrite.commit();
            var properties = transaction.updateProperties();
            marks.forEach(properties::set);
            if (run.madeFrom().isEmpty()) {
                properties.remove(MadeFrom.PROPERTY);
            } else {
                properties.set(MadeFrom.PROPERTY, MadeFrom.text(run.madeFrom()));
            }
            properties.commit();
            transaction.commitTransaction();
            return Optional.empty();
        } catch (ValidationException refusal) {
            return Optional.of(refusal);
        }
    }

    private static SnapshotAncestryValidator admitting(TargetRun run, Table table) {
        return new SnapshotAncestryValidator() {
            @Override
            public boolean validate(Iterable<Snapshot> ancestry) {
                return TargetHistory.of(ancestry, table.properties()).find(run).isEmpty();
            }

            @Override
            public String errorMessage() {
                return "the table holds this run or a later one";
            }
        };
    }

    private <T> T at(Target target, Function<Catalog, T> call) {
        return catalogs.atTarget(target.table(), catalog -> {
            try {
                return call.apply(catalog);
            } catch (ForbiddenException | BadRequestException | UnsupportedOperationException refusal) {
                throw new LakeRejection(
                        LakeCode.TARGET_REFUSED,
                        "[" + target.table() + "] the catalog refuses to let Firn write the table: "
                                + Reason.of(refusal),
                        null,
                        refusal);
            }
        });
    }
}
