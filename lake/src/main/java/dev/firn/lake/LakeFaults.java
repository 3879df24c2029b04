package dev.firn.lake;

import dev.firn.engine.BudgetExceededException;
import dev.firn.lake.parquet.CorruptParquetException;
import dev.firn.lake.parquet.UnreadableColumnException;
import dev.firn.lake.storage.FileChangedException;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.NoSuchFileException;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CancellationException;
import java.util.zip.DataFormatException;
import org.apache.avro.AvroRuntimeException;
import org.apache.iceberg.exceptions.CleanableFailure;
import org.apache.iceberg.exceptions.NotFoundException;
import org.apache.iceberg.exceptions.RESTException;
import org.apache.iceberg.exceptions.RuntimeIOException;
import org.apache.parquet.ParquetRuntimeException;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.core.exception.SdkException;
import software.amazon.awssdk.services.s3.model.NoSuchKeyException;

/// Translates exceptions that Iceberg, the AWS SDK and the JDK throw while reading table files to
/// [LakeException].
///
/// Files of tables are read through [dev.firn.lake.storage.StoreInput], which throws a [LakeException] of its
/// own if the store fails. So an [IOException] of a decoder is about the bytes: the file is damaged, and
/// another try reads the same.
public final class LakeFaults {
    private static final List<String> DECODERS = List.of(
            "org.apache.avro.",
            "org.apache.iceberg.",
            "org.apache.parquet.",
            "org.roaringbitmap.",
            "io.airlift.compress.",
            "dev.firn.lake.parquet.");

    private LakeFaults() {}

    /// Like [#whileReading(TableName, Long, String, RuntimeException)], for manifests.
    public static RuntimeException whileReading(TableName table, @Nullable Long snapshotId, RuntimeException fault) {
        return whileReading(table, snapshotId, "%s snapshot %s".formatted(table, snapshotId), fault);
    }

    /// Translates a fault met while reading a file of a snapshot. Faults of Firn itself are returned as they are.
    ///
    /// @param where the file, and the row group if there is one
    public static RuntimeException whileReading(
            TableName table, @Nullable Long snapshotId, String where, RuntimeException fault) {
        String at = "[" + table + " snapshot " + snapshotId + "] ";
        Optional<LakeException> known = cause(fault, LakeException.class);
        if (known.isPresent()) {
            return known.get() instanceof LakeOutage outage ? located(outage, table, at) : known.get();
        }
        Optional<FileChangedException> changed = cause(fault, FileChangedException.class);
        if (changed.isPresent()) {
            return rejection(LakeCode.FILE_UNREADABLE, at + changed.get().getMessage(), fault);
        }
        if (isNotFound(fault)) {
            return rejection(
                    LakeCode.SNAPSHOT_EXPIRED,
                    at + "a file of the snapshot no longer exists: " + Reason.of(fault),
                    fault);
        }
        return switch (fault) {
            case CancellationException cancelled -> cancelled;
            case BudgetExceededException full -> full;
            case CorruptParquetException corrupt ->
                rejection(LakeCode.FILE_UNREADABLE, "[" + where + "] " + corrupt.getMessage(), corrupt);
            case UnreadableColumnException unreadable ->
                rejection(LakeCode.UNSUPPORTED_TABLE, "[" + where + "] " + unreadable.getMessage(), unreadable);
            default -> {
                if (isOfTheClient(fault)) {
                    yield new LakeOutage(
                            LakeCode.STORAGE_UNAVAILABLE, at + "reading failed: " + Reason.of(fault), fault);
                }
                yield isOfTheBytes(fault)
                        ? rejection(
                                LakeCode.FILE_UNREADABLE,
                                "[" + where + "] a file is truncated or damaged: " + Reason.of(fault),
                                fault)
                        : fault;
            }
        };
    }

    /// Translates a fault of the store met while reading a file of a spine; empty if the fault is another one.
    public static Optional<RuntimeException> ofSpineFile(String where, Throwable fault) {
        Optional<LakeException> known = cause(fault, LakeException.class);
        if (known.isPresent()) {
            return Optional.of(known.get());
        }
        Optional<FileChangedException> changed = cause(fault, FileChangedException.class);
        if (changed.isPresent()) {
            return Optional.of(rejection(
                    LakeCode.SPINE_CHANGED, String.valueOf(changed.get().getMessage()), fault));
        }
        if (isNotFound(fault)) {
            return Optional.of(rejection(LakeCode.SPINE_NOT_FOUND, "[" + where + "] does not exist", fault));
        }
        return isOfTheClient(fault)
                ? Optional.of(new LakeOutage(
                        LakeCode.STORAGE_UNAVAILABLE, "[" + where + "] reading failed: " + Reason.of(fault), fault))
                : Optional.empty();
    }

    private static LakeRejection rejection(LakeCode code, String message, Throwable cause) {
        return new LakeRejection(code, message, null, cause);
    }

    private static LakeOutage located(LakeOutage outage, TableName table, String at) {
        String message = String.valueOf(outage.getMessage());
        return message.contains(table.toString()) ? outage : new LakeOutage(outage.lakeCode(), at + message, outage);
    }

    /// Requests that do not go through [dev.firn.lake.storage.StoreInput].
    private static boolean isOfTheClient(Throwable fault) {
        return cause(fault, SdkException.class).isPresent()
                || cause(fault, RESTException.class).isPresent()
                || cause(fault, CleanableFailure.class).isPresent();
    }

    /// Whether a decoder failed: what Parquet, Avro and their codecs throw for bytes that they did not expect. A
    /// job that was cancelled or found no memory while it decoded says nothing about the bytes.
    public static boolean isOfTheBytes(Throwable fault) {
        if (cause(fault, CancellationException.class).isPresent()
                || cause(fault, BudgetExceededException.class).isPresent()) {
            return false;
        }
        return cause(fault, IOException.class).isPresent()
                || cause(fault, UncheckedIOException.class).isPresent()
                || cause(fault, RuntimeIOException.class).isPresent()
                || cause(fault, AvroRuntimeException.class).isPresent()
                || cause(fault, ParquetRuntimeException.class).isPresent()
                || cause(fault, CorruptParquetException.class).isPresent()
                || cause(fault, DataFormatException.class).isPresent()
                || isThrownByADecoder(fault);
    }

    /// Decoders expect sound bytes, and meet others with whatever exception comes. So this looks at the first frame
    /// outside of the JDK: what a decoder throws is about the bytes, and what another class throws is a defect.
    private static boolean isThrownByADecoder(Throwable fault) {
        for (StackTraceElement frame : fault.getStackTrace()) {
            String name = frame.getClassName();
            if (!name.startsWith("java.") && !name.startsWith("jdk.")) {
                return DECODERS.stream().anyMatch(name::startsWith);
            }
        }
        // code that the JVM has compiled throws these without a trace once they came often: loops of decoders do
        return fault.getStackTrace().length == 0
                && (fault instanceof IndexOutOfBoundsException
                        || fault instanceof NullPointerException
                        || fault instanceof ArithmeticException
                        || fault instanceof ClassCastException
                        || fault instanceof NegativeArraySizeException);
    }

    /// Whether the fault or one of its causes says that a file does not exist.
    public static boolean isNotFound(Throwable fault) {
        return cause(fault, NotFoundException.class).isPresent()
                || cause(fault, NoSuchKeyException.class).isPresent()
                || cause(fault, NoSuchFileException.class).isPresent()
                || cause(fault, FileNotFoundException.class).isPresent();
    }

    /// The first of the fault and its causes that is of this type.
    public static <T> Optional<T> cause(Throwable fault, Class<T> type) {
        for (Throwable t = fault; t != null; t = t.getCause()) {
            if (type.isInstance(t)) {
                return Optional.of(type.cast(t));
            }
        }
        return Optional.empty();
    }
}
