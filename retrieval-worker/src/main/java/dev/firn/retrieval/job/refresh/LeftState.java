package dev.firn.retrieval.job.refresh;

import dev.firn.engine.KnownWinners;
import dev.firn.engine.Winners;
import dev.firn.lake.Reason;
import dev.firn.lake.parquet.ColumnTasks;
import dev.firn.lake.storage.Storage;
import dev.firn.service.result.RunState;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CancellationException;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The state that a run leaves for the next one, written slice by slice. Without it the next run is a full one. That is
/// no reason to fail this run, so a fault only ends the writing. For one thread.
public final class LeftState implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(LeftState.class);

    private final String requestId;
    private final List<KnownWinners> slice = new ArrayList<>();
    private StateFile.@Nullable Writer writer;

    private LeftState(String requestId) {
        this.requestId = requestId;
    }

    /// For a run that leaves none.
    public static LeftState none() {
        return new LeftState("");
    }

    /// @param folder of the run's files
    public static LeftState in(String folder, String requestId, Storage storage, int views, ColumnTasks tasks) {
        LeftState left = new LeftState(requestId);
        left.writer = left.written(() -> new StateFile.Writer(storage, RunState.location(folder), views, tasks));
        return left;
    }

    /// Whether a state is written, so that winners must know their created times.
    public boolean isKept() {
        return writer != null;
    }

    /// Keeps the winners of the slice of one view. Views come in order.
    public void keep(Winners winners) {
        if (writer != null) {
            slice.add(KnownWinners.of(winners));
        }
    }

    /// Ends the slice.
    ///
    /// @param rows those of the slice that the result has
    public void endSlice(Optional<int[]> rows) {
        StateFile.Writer open = writer;
        if (open != null) {
            written(() -> {
                open.write(rows.map(some -> slice.stream()
                                .map(winners -> winners.take(some))
                                .toList())
                        .orElse(slice));
                return open;
            });
        }
        slice.clear();
    }

    /// @param definition fingerprint of the run's definition
    /// @return null if there is none
    public @Nullable RunState finish(String definition) {
        StateFile.Writer open = writer;
        return open == null ? null : written(() -> open.finish(definition));
    }

    private <T> @Nullable T written(Supplier<T> step) {
        try {
            return step.get();
        } catch (CancellationException e) {
            throw e;
        } catch (RuntimeException e) {
            log.atWarn()
                    .addKeyValue("requestId", requestId)
                    .addKeyValue("fault", Reason.of(e))
                    .log("A run leaves no state, because it could not be written; the next run is a full one");
            close();
            return null;
        }
    }

    @Override
    public void close() {
        StateFile.Writer open = writer;
        writer = null;
        if (open != null) {
            try {
                open.close();
            } catch (RuntimeException e) {
                log.atDebug().setCause(e).log("An unfinished state could not be closed");
            }
        }
    }
}
