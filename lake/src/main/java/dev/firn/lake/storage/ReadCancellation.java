package dev.firn.lake.storage;

import java.util.function.BooleanSupplier;
import java.util.function.Supplier;

/// Tells the reads of a job that the job was cancelled, so that they are not repeated.
///
/// It belongs to a thread, because reads happen deep within libraries. Work that a job hands to another thread takes it
/// along by [#carried]. It is not inherited: the threads of shared pools, such as Iceberg's, would keep that of the
/// job that happened to start them.
public final class ReadCancellation {
    private static final ThreadLocal<BooleanSupplier> CANCELLED = ThreadLocal.withInitial(() -> () -> false);

    private ReadCancellation() {}

    /// Does the work. Once `cancelled` is true, its reads that fail are not tried again: they throw a
    /// [CancellationException].
    public static <T> T heeding(BooleanSupplier cancelled, Supplier<T> work) {
        BooleanSupplier before = CANCELLED.get();
        CANCELLED.set(cancelled);
        try {
            return work.get();
        } finally {
            CANCELLED.set(before);
        }
    }

    /// The same work, to be done in any thread for the job of this one.
    public static Runnable carried(Runnable work) {
        BooleanSupplier cancelled = CANCELLED.get();
        return () -> heeding(cancelled, () -> {
            work.run();
            return true;
        });
    }

    /// Whether the job of this thread was cancelled.
    public static boolean isCancelled() {
        return CANCELLED.get().getAsBoolean();
    }
}
