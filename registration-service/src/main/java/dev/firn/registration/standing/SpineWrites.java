package dev.firn.registration.standing;

import dev.firn.events.Spine;
import dev.firn.lake.LakeOutage;
import dev.firn.lake.LakeRejection;
import dev.firn.lake.Reason;
import dev.firn.registration.async.Mailbox;
import dev.firn.schemas.Code;
import java.util.HashSet;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Writes inline spines to the store off the stream thread; at most one per standing retrieval.
///
/// Belongs to one incarnation of the processor, as its [Mailbox] does. Outcomes of an earlier incarnation are lost, and
/// the spine is written again: the same rows go to the same place.
final class SpineWrites implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(SpineWrites.class);

    private final SpineStore store;
    private final Executor pool;
    private final Mailbox<Written> mailbox = new Mailbox<>();
    private final Set<String> inFlight = new HashSet<>();

    /// @param pool may refuse work
    SpineWrites(SpineStore store, Executor pool) {
        this.store = store;
        this.pool = pool;
    }

    /// A finished write.
    ///
    /// @param attempt of the request to store its spine
    record Written(String standingId, String requestId, int attempt, Outcome outcome) {}

    sealed interface Outcome {
        /// @param spine without rows, with the location that holds them
        record Stored(Spine spine) implements Outcome {}

        record Refused(Code code, String reason) implements Outcome {}

        /// The store does not answer; a later attempt may succeed.
        record Away(String reason) implements Outcome {}
    }

    boolean isWriting(String standingId) {
        return inFlight.contains(standingId);
    }

    /// @return false if the pool is full
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

    /// Hands over the writes that have finished since the last call.
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
            return new Outcome.Refused(Code.valueOf(e.code()), Objects.requireNonNullElse(e.getMessage(), e.code()));
        } catch (LakeOutage e) {
            return new Outcome.Away(Objects.requireNonNullElse(e.getMessage(), e.code()));
        } catch (RuntimeException | Error e) {
            // without an outcome the standing id would wait forever
            LOG.atError().addKeyValue("standingId", standingId).setCause(e).log("cannot store the spine");
            return new Outcome.Away(Reason.of(e));
        }
    }
}
