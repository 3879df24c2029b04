package dev.firn.registration.standing;

import dev.firn.events.Spine;
import dev.firn.lake.LakeOutage;
import dev.firn.lake.LakeRejection;
import dev.firn.registration.async.Mailbox;
import java.util.HashSet;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Inline spines on their way to the store, written off the stream thread; at most one per standing retrieval.
///
/// Belongs to one incarnation of the processor, as its [Mailbox] does: what was begun before it is not heard
/// of again, and writing the same rows once more puts them in the same place.
final class SpineWrites implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(SpineWrites.class);

    private final SpineStore store;
    private final Executor pool;
    private final Mailbox<Written> mailbox = new Mailbox<>();
    private final Set<String> inFlight = new HashSet<>();

    /// @param pool may refuse
    SpineWrites(SpineStore store, Executor pool) {
        this.store = store;
        this.pool = pool;
    }

    /// What became of a write.
    ///
    /// @param attempt of the request to have its spine stored
    record Written(String standingId, String requestId, int attempt, Outcome outcome) {}

    sealed interface Outcome {
        /// @param spine without rows, with the location that holds them
        record Stored(Spine spine) implements Outcome {}

        record Refused(String code, String reason) implements Outcome {}

        /// It may be stored at a later attempt.
        record Away(String reason) implements Outcome {}
    }

    boolean isWriting(String standingId) {
        return inFlight.contains(standingId);
    }

    /// @return false when the pool takes no more
    boolean begin(String standingId, String requestId, int attempt, Spine inline) {
        try {
            pool.execute(() -> {
                if (mailbox.isOpen()) {
                    mailbox.put(new Written(standingId, requestId, attempt, write(standingId, inline)));
                }
            });
        } catch (RejectedExecutionException e) {
            return false;
        }
        inFlight.add(standingId);
        return true;
    }

    /// Hands over what became of the writes that have ended since it was last called.
    void drain(Consumer<Written> reader) {
        mailbox.drain(written -> {
            inFlight.remove(written.standingId());
            reader.accept(written);
        });
    }

    @Override
    public void close() {
        mailbox.close();
    }

    /// Runs on the pool.
    private Outcome write(String standingId, Spine inline) {
        try {
            return new Outcome.Stored(store.stored(standingId, inline));
        } catch (LakeRejection e) {
            return new Outcome.Refused(e.code(), Objects.requireNonNullElse(e.getMessage(), e.code()));
        } catch (LakeOutage e) {
            return new Outcome.Away(Objects.requireNonNullElse(e.getMessage(), e.code()));
        } catch (RuntimeException | Error e) {
            // whatever it was: without a word the standing id would wait for it for ever
            LOG.atError().addKeyValue("standingId", standingId).setCause(e).log("spine could not be stored");
            return new Outcome.Away(e.getClass().getSimpleName());
        }
    }
}
