package dev.firn.lake.targets;

import dev.firn.lake.catalog.Catalogs;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import org.apache.iceberg.DataFile;
import org.apache.iceberg.DataFiles;
import org.apache.iceberg.FileFormat;
import org.apache.iceberg.MetricsConfig;
import org.apache.iceberg.PartitionSpec;
import org.apache.iceberg.Schema;
import org.apache.iceberg.Table;
import org.apache.iceberg.io.BulkDeletionFailureException;
import org.apache.iceberg.io.OutputFile;
import org.apache.iceberg.io.SupportsBulkOperations;
import org.apache.iceberg.io.SupportsPrefixOperations;
import org.apache.iceberg.parquet.ParquetUtil;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The files of one result as files of its table: `<location>/data/firn/<request id>/<result>/<copy>/part-….parquet`.
/// Each copy has a folder that was never used before, so a late call of a store reaches nothing that counts. Of all
/// copies of one result one is committed at most, because the commit validates that. For one thread.
final class Copies {
    private static final Logger LOG = LoggerFactory.getLogger(Copies.class);

    private final Catalogs catalogs;
    private final Target target;
    private final TargetRun run;
    private final Runnable step;
    private @Nullable Schema schema;

    Copies(Catalogs catalogs, Target target, TargetRun run, Runnable step) {
        this.catalogs = catalogs;
        this.target = target;
        this.run = run;
        this.step = step;
    }

    /// The columns of the result, with the ids in its files.
    Schema schema(ResultPart first) {
        Schema known = schema;
        if (known == null) {
            known = catalogs.atTargetFile(
                    target.table(), first.location(), () -> source(first).schema());
            schema = known;
        }
        return known;
    }

    /// The columns of the result, once they were read.
    Schema schema() {
        Schema known = schema;
        if (known == null) {
            throw new IllegalStateException("the columns of the result were not read");
        }
        return known;
    }

    private RenumberedCopy source(ResultPart part) {
        return new RenumberedCopy(catalogs.storage().input(part.location()), part);
    }

    String newFolder() {
        return UUID.randomUUID().toString().replace("-", "");
    }

    /// Copies the files. One without rows is left out: it would only be opened.
    List<DataFile> make(Table table, Map<Integer, Integer> ids, String folder, List<ResultPart> parts) {
        List<DataFile> made = new ArrayList<>();
        for (int i = 0; i < parts.size(); i++) {
            ResultPart part = parts.get(i);
            if (part.rows() > 0) {
                String location = "%s/%s/part-%08d.parquet".formatted(root(table), folder, i);
                made.add(catalogs.atTargetFile(target.table(), location, () -> made(table, ids, part, location)));
            }
        }
        return made;
    }

    private DataFile made(Table table, Map<Integer, Integer> ids, ResultPart part, String location) {
        OutputFile output = table.io().newOutputFile(location);
        source(part).to(output, ids, step);
        return DataFiles.builder(PartitionSpec.unpartitioned())
                .withPath(location)
                .withFormat(FileFormat.PARQUET)
                .withFileSizeInBytes(output.toInputFile().getLength())
                .withMetrics(ParquetUtil.fileMetrics(output.toInputFile(), MetricsConfig.forTable(table)))
                .build();
    }

    private String root(Table table) {
        String location = table.location();
        return (location.endsWith("/") ? location.substring(0, location.length() - 1) : location) + folder();
    }

    /// The folder of all copies of the result, within the table's location.
    private String folder() {
        return "/data/firn/%s/%s".formatted(run.requestId(), run.token());
    }

    /// Deletes the copies that no snapshot names, those of workers that died among them. Only once the run
    /// is in the table: then no other copy can be committed any more.
    void sweep(Table table) {
        Set<String> kept = TargetHistory.copies(table, run);
        if (kept.isEmpty() || !(table.io() instanceof SupportsPrefixOperations files)) {
            return;
        }
        List<String> others = new ArrayList<>();
        try {
            files.listPrefix(root(table) + "/").forEach(file -> {
                boolean isCopy = file.location().contains(folder() + "/");
                if (isCopy && kept.stream().noneMatch(copy -> file.location().contains("/" + copy + "/"))) {
                    others.add(file.location());
                }
            });
            delete(table, others);
        } catch (RuntimeException e) {
            LOG.atWarn()
                    .setCause(e)
                    .addKeyValue("table", target.table())
                    .addKeyValue("requestId", run.requestId())
                    .log("copies of a result that were not committed could not be deleted");
        }
    }

    private static void delete(Table table, List<String> files) throws BulkDeletionFailureException {
        if (!files.isEmpty() && table.io() instanceof SupportsBulkOperations bulk) {
            bulk.deleteFiles(files);
        } else {
            files.forEach(table.io()::deleteFile);
        }
    }
}
