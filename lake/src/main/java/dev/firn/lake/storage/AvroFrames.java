package dev.firn.lake.storage;

/// Follows the frames of an Avro file (header, blocks) over its bytes before Avro's reader sees them. That reader
/// allocates whatever size a damaged length names, which ends the process, and takes the end of the bytes for the end
/// of the rows, even in the middle of a block: a manifest list that is cut off would lose manifests without a trace.
///
/// Follows a file from its first byte for as long as it is read from front to back. Files that do not begin as Avro
/// files do are let through. Not thread-safe.
final class AvroFrames {
    private static final byte[] MAGIC = {'O', 'b', 'j', 1};
    private static final int SYNC_BYTES = 16;
    private static final int VARINT_BITS = 63;

    private final StoreInput file;
    /// Where the bytes come next.
    private long position;
    private State state = State.MAGIC;
    /// Bytes that belong to the current state and say nothing about the frames.
    private long skip;
    private long varint;
    private int varintBits;
    private long entries;

    /// What comes next. The order is that of the file.
    private enum State {
        MAGIC,
        ENTRIES,
        ENTRIES_BYTES,
        NAME,
        VALUE,
        BLOCK_ROWS,
        BLOCK_BYTES,
        NOT_FOLLOWED
    }

    AvroFrames(StoreInput file) {
        this.file = file;
    }

    /// Whether a file that ends here is complete.
    boolean isComplete() {
        return switch (state) {
            case NOT_FOLLOWED -> true;
            case BLOCK_ROWS -> skip == 0 && varintBits == 0;
            case MAGIC -> position == 0;
            default -> false;
        };
    }

    /// Follows bytes that were read; those before the last ones seen are not looked at again.
    ///
    /// @param at the position of the first of them in the file
    /// @throws FileChangedException if a length does not fit the file
    void follow(long at, byte[] bytes, int from, int count) {
        if (at > position) {
            state = State.NOT_FOLLOWED;
        }
        int i = from + Math.clamp(position - at, 0, count);
        int end = from + count;
        while (i < end && state != State.NOT_FOLLOWED) {
            if (skip > 0) {
                int skipped = (int) Math.min(skip, end - i);
                skip -= skipped;
                i += skipped;
                position += skipped;
            } else {
                take(bytes[i++]);
                position++;
            }
        }
    }

    private void take(byte b) {
        if (state == State.MAGIC) {
            if (b != MAGIC[(int) position]) {
                state = State.NOT_FOLLOWED;
            } else if (position == MAGIC.length - 1) {
                state = State.ENTRIES;
            }
            return;
        }
        if (varintBits >= VARINT_BITS + 7) {
            throw damaged("a number is too long");
        }
        varint |= (b & 0x7FL) << varintBits;
        varintBits += 7;
        if (b >= 0) {
            long value = (varint >>> 1) ^ -(varint & 1);
            varint = 0;
            varintBits = 0;
            number(value);
        }
    }

    private void number(long value) {
        switch (state) {
            case ENTRIES -> {
                entries = Math.abs(value);
                state = value == 0 ? State.BLOCK_ROWS : value < 0 ? State.ENTRIES_BYTES : State.NAME;
                skip = value == 0 ? SYNC_BYTES : 0;
            }
            case ENTRIES_BYTES -> state = State.NAME;
            case NAME -> {
                skipBytes(value, 0);
                state = State.VALUE;
            }
            case VALUE -> {
                skipBytes(value, 0);
                state = --entries == 0 ? State.ENTRIES : State.NAME;
            }
            case BLOCK_ROWS -> {
                if (value < 0) {
                    throw damaged("a block has %d rows".formatted(value));
                }
                state = State.BLOCK_BYTES;
            }
            case BLOCK_BYTES -> {
                skipBytes(value, SYNC_BYTES);
                state = State.BLOCK_ROWS;
            }
            default -> throw new IllegalStateException(state.toString());
        }
    }

    private void skipBytes(long bytes, int more) {
        long left = file.getLength() - position - 1;
        if (bytes < 0 || bytes > left - more) {
            throw damaged("it names %d bytes where %d are left".formatted(bytes, left));
        }
        skip = bytes + more;
    }

    /// The fault of a file that ends where it must not.
    FileChangedException cutOff() {
        return damaged("it ends in the middle of a block");
    }

    private FileChangedException damaged(String reason) {
        return new FileChangedException("[%s] is not a complete Avro file: it was cut off or overwritten (byte %d: %s)"
                .formatted(file, position, reason));
    }
}
