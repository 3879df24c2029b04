package dev.firn.retrieval.job;

import dev.firn.engine.RowAddress;
import dev.firn.engine.TimeScale;
import dev.firn.engine.Winners;
import dev.firn.events.FeatureView;
import dev.firn.events.SkippedData;
import dev.firn.events.ViewOutcome;
import dev.firn.lake.catalog.SnapshotPin;
import dev.firn.lake.scan.ScanCounts;
import dev.firn.lake.scan.SkipReason;
import dev.firn.lake.scan.Skipped;
import java.util.EnumMap;
import java.util.Locale;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/// Counts what one view contributes to a result, over all slices.
final class ViewTally {
    private static final long MICROS_PER_DAY = 86_400_000_000L;
    private static final long NANOS_PER_MICRO = 1_000;

    private final BoundView view;
    private final AgeQuantiles ages;
    private long rows;
    private long matched;
    private long ambiguous;
    private long rowsScanned;
    private long filesRead;
    private long bytesRead;
    private final Map<SkipReason, Skipped> skipped = new EnumMap<>(SkipReason.class);
    private final SortedMap<String, String> ignoredParts = new TreeMap<>();

    /// @param maxSamples of the ages
    ViewTally(BoundView view, int maxSamples) {
        this.view = view;
        this.ages = new AgeQuantiles(maxSamples);
    }

    void add(Winners winners, SpineTime time) {
        rows += winners.size();
        matched += winners.matched();
        ambiguous += winners.ambiguous();
        long[] instants = time.instants().values();
        for (int i = 0; i < winners.size(); i++) {
            if (winners.address(i) != RowAddress.NONE) {
                ages.add(minus(micros(instants[i], time.scale()), micros(winners.timestamp(i), view.scale())));
            }
        }
    }

    /// Leaves out rows without a winner that are not in the result.
    void leaveOut(int unmatched) {
        rows -= unmatched;
    }

    /// Adds the counts of one slice; each slice streams the table once.
    void add(ScanCounts counts) {
        rowsScanned += counts.rowsScanned();
        filesRead += counts.filesRead();
        bytesRead += counts.bytesRead();
        counts.skipped().forEach((reason, more) -> skipped.merge(reason, more, Skipped::plus));
        ignoredParts.putAll(counts.ignoredParts());
    }

    void warn(ResultWarnings warnings) {
        warnings.addIgnored(view, ignoredParts);
    }

    ViewOutcome outcome() {
        FeatureView definition = view.use().definition();
        SnapshotPin pin = view.table().pin();
        Skipped inAll = skipped.values().stream().reduce(Skipped.NOTHING, Skipped::plus);
        return ViewOutcome.newBuilder()
                .setAlias(view.use().name())
                .setView(definition.getName())
                .setVersion(definition.getVersion())
                .setTable(pin.table().toString())
                .setTableUuid(pin.tableUuid())
                .setSnapshotId(pin.snapshotId())
                .setMetadataLocation(pin.metadataLocation())
                .setMatched(matched)
                .setUnmatched(rows - matched)
                .setAmbiguous(ambiguous)
                .setAgeQuantilesMicros(ages.quantiles())
                .setRowsScanned(rowsScanned)
                .setFilesRead(filesRead)
                .setFilesSkipped(inAll.files())
                .setBytesRead(bytesRead)
                .setBytesSkipped(inAll.bytes())
                .setSkipped(skipped.entrySet().stream()
                        .map(entry -> event(entry.getKey(), entry.getValue()))
                        .toList())
                .build();
    }

    private static SkippedData event(SkipReason reason, Skipped skipped) {
        return SkippedData.newBuilder()
                .setReason(reason.name().toLowerCase(Locale.ROOT))
                .setFiles(skipped.files())
                .setRowGroups(skipped.rowGroups())
                .setPages(skipped.pages())
                .setBytes(skipped.bytes())
                .build();
    }

    private static long micros(long value, TimeScale scale) {
        return switch (scale) {
            case MICROS -> value;
            case NANOS -> Math.floorDiv(value, NANOS_PER_MICRO);
            case DAYS -> {
                long high = Math.multiplyHigh(value, MICROS_PER_DAY);
                long low = value * MICROS_PER_DAY;
                yield (high == 0 && low >= 0) || (high == -1 && low < 0) ? low : saturated(value < 0);
            }
        };
    }

    private static long minus(long one, long other) {
        long difference = one - other;
        boolean overflow = ((one ^ other) & (one ^ difference)) < 0;
        return overflow ? saturated(one < 0) : difference;
    }

    private static long saturated(boolean negative) {
        return negative ? Long.MIN_VALUE : Long.MAX_VALUE;
    }
}
