package dev.firn.lake.parquet;

import org.apache.parquet.column.values.ValuesReader;
import org.apache.parquet.io.api.Binary;

/// Copies values from parquet-column's own readers.
final class ReaderValues {
    private ReaderValues() {}

    /// Appends the reader's next `count` values.
    static void read(ValuesReader reader, int count, Vector into) {
        int size = into.size;
        into.reserve(size + count);
        switch (into) {
            case Vector.Ints ints -> {
                for (int i = 0; i < count; i++) {
                    ints.values[size + i] = reader.readInteger();
                }
            }
            case Vector.Longs longs -> {
                for (int i = 0; i < count; i++) {
                    longs.values[size + i] = reader.readLong();
                }
            }
            case Vector.Floats floats -> {
                for (int i = 0; i < count; i++) {
                    floats.values[size + i] = reader.readFloat();
                }
            }
            case Vector.Doubles doubles -> {
                for (int i = 0; i < count; i++) {
                    doubles.values[size + i] = reader.readDouble();
                }
            }
            case Vector.Booleans booleans -> {
                for (int i = 0; i < count; i++) {
                    booleans.values[size + i] = reader.readBoolean();
                }
            }
            case ByteVector byteStrings -> {
                for (int i = 0; i < count; i++) {
                    Binary value = reader.readBytes();
                    byte[] copy = value.getBytesUnsafe();
                    byteStrings.appendBytes(copy, 0, copy.length);
                }
            }
        }
        into.size = size + count;
    }
}
