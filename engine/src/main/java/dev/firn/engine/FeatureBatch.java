package dev.firn.engine;

import java.util.List;
import org.jspecify.annotations.Nullable;

/// A batch of feature rows: keys, times and addresses, with deletes already applied. The reader may reuse the arrays as
/// soon as the receiver's `accept` has returned.
public final class FeatureBatch {
    private final int size;
    private final List<Column> keys;
    private final long[] timestamps;
    private final Nulls timestampNulls;
    private final long @Nullable [] created;
    private final Nulls createdNulls;
    private final long firstAddress;
    private final long @Nullable [] addresses;

    /// Arrays may be longer than `size`. `created` is null if the view has no created column.
    public FeatureBatch(
            int size,
            List<Column> keys,
            long[] timestamps,
            Nulls timestampNulls,
            long @Nullable [] created,
            Nulls createdNulls,
            long[] addresses) {
        this(size, keys, timestamps, timestampNulls, created, createdNulls, 0, addresses);
        Column.checkSize(addresses.length, size);
    }

    /// Rows with consecutive addresses from `firstAddress` on.
    public FeatureBatch(
            int size,
            List<Column> keys,
            long[] timestamps,
            Nulls timestampNulls,
            long @Nullable [] created,
            Nulls createdNulls,
            long firstAddress) {
        this(size, keys, timestamps, timestampNulls, created, createdNulls, firstAddress, null);
    }

    private FeatureBatch(
            int size,
            List<Column> keys,
            long[] timestamps,
            Nulls timestampNulls,
            long @Nullable [] created,
            Nulls createdNulls,
            long firstAddress,
            long @Nullable [] addresses) {
        Column.checkSize(timestamps.length, size);
        if (created != null) {
            Column.checkSize(created.length, size);
        }
        for (Column key : keys) {
            Column.checkSize(key.size(), size);
        }
        this.size = size;
        this.keys = List.copyOf(keys);
        this.timestamps = timestamps;
        this.timestampNulls = timestampNulls;
        this.created = created;
        this.createdNulls = createdNulls;
        this.firstAddress = firstAddress;
        this.addresses = addresses;
    }

    public int size() {
        return size;
    }

    /// Some rows of this batch, in that order. Copies them.
    public FeatureBatch take(int[] rows) {
        long[] takenTimestamps = new long[rows.length];
        long[] takenAddresses = new long[rows.length];
        long[] takenCreated = created == null ? null : new long[rows.length];
        for (int i = 0; i < rows.length; i++) {
            takenTimestamps[i] = timestamps[rows[i]];
            takenAddresses[i] = address(rows[i]);
            if (created != null && takenCreated != null) {
                takenCreated[i] = created[rows[i]];
            }
        }
        return new FeatureBatch(
                rows.length,
                keys.stream().map(key -> key.take(rows)).toList(),
                takenTimestamps,
                timestampNulls.take(rows),
                takenCreated,
                createdNulls.take(rows),
                takenAddresses);
    }

    public List<Column> keys() {
        return keys;
    }

    /// In the unit of the feature's timestamp column.
    public long[] timestamps() {
        return timestamps;
    }

    public Nulls timestampNulls() {
        return timestampNulls;
    }

    /// In the unit of the created column.
    public long @Nullable [] created() {
        return created;
    }

    public Nulls createdNulls() {
        return createdNulls;
    }

    /// See [RowAddress]. Unique within a scan.
    public long address(int row) {
        return addresses == null ? firstAddress + row : addresses[row];
    }
}
