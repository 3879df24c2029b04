package dev.firn.registration.hint;

import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;

/// Where hints are put up for all tasks that watch tables in this process. Each instance of the service reads
/// all hints, so that each table's owner hears of it. Thread-safe.
///
/// A hint only makes an owner look sooner, and one that begins looks at all of its tables. So hints are kept
/// in memory alone, and whatever is lost here is found by the next look.
public final class HintBoard {
    /// Different hints that one task may have unread; further ones are dropped.
    private static final int MAX_UNREAD = 10_000;

    private final Set<Inbox> inboxes = ConcurrentHashMap.newKeySet();

    /// Hears every hint from now on, until it is closed.
    public Inbox open() {
        Inbox inbox = new Inbox();
        inboxes.add(inbox);
        return inbox;
    }

    /// @return false if a task has too many unread
    public boolean put(Hint hint) {
        boolean isHeard = true;
        for (Inbox inbox : inboxes) {
            isHeard &= inbox.add(hint);
        }
        return isHeard;
    }

    /// What one task has not read. Any thread may add; only the stream thread drains and closes.
    public final class Inbox implements AutoCloseable {
        private final Set<Hint> unread = new LinkedHashSet<>();

        private synchronized boolean add(Hint hint) {
            return unread.contains(hint) || (unread.size() < MAX_UNREAD && unread.add(hint));
        }

        public void drain(Consumer<Hint> reader) {
            taken().forEach(reader);
        }

        private synchronized List<Hint> taken() {
            List<Hint> taken = List.copyOf(unread);
            unread.clear();
            return taken;
        }

        @Override
        public void close() {
            inboxes.remove(this);
        }
    }
}
