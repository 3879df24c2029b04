package dev.firn.chaos.store;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/// Requests that stop at the store until they are released, so that a client is at a known point when something
/// happens to it. Thread-safe.
public final class Holds {
    /// A request that waits longer than this passes, so that a broken test ends.
    private static final long LIMIT_SECONDS = 120;

    private final List<Hold> holds = new ArrayList<>();

    /// Before or after the store executes the request.
    public enum When {
        BEFORE,
        AFTER
    }

    /// A hold for the first requests that match.
    public static final class Hold {
        private final String method;
        private final String pathPart;
        private final String pathEnd;
        private final When when;
        private final boolean meets;
        private final CountDownLatch reached;
        private final CountDownLatch released = new CountDownLatch(1);

        private Hold(String method, String pathPart, String pathEnd, When when, int requests, boolean meets) {
            this.method = method;
            this.pathPart = pathPart;
            this.pathEnd = pathEnd;
            this.when = when;
            this.meets = meets;
            this.reached = new CountDownLatch(requests);
        }

        private boolean matches(String itsMethod, String path, When itsTime) {
            return when == itsTime
                    && itsMethod.equals(method)
                    && path.contains(pathPart)
                    && path.endsWith(pathEnd)
                    && reached.getCount() > 0;
        }

        private void arrive() {
            reached.countDown();
            if (meets && isReached()) {
                release();
            }
        }

        /// Whether all requests that it is for wait, or have waited.
        public boolean isReached() {
            return reached.getCount() == 0;
        }

        public void release() {
            released.countDown();
        }
    }

    /// Holds the next request with this method and a path that contains the one part and ends with the other.
    public Hold next(String method, String pathPart, String pathEnd, When when) {
        return add(new Hold(method, pathPart, pathEnd, when, 1, false));
    }

    /// Lets the next so many requests of this kind go on only together: each waits until all have come.
    public Hold meeting(int requests, String method, String pathPart, String pathEnd, When when) {
        return add(new Hold(method, pathPart, pathEnd, when, requests, true));
    }

    private synchronized Hold add(Hold hold) {
        holds.add(hold);
        return hold;
    }

    public synchronized void releaseAll() {
        holds.forEach(Hold::release);
        holds.clear();
    }

    void pass(String method, String path, When when) {
        for (Hold hold : reached(method, path, when)) {
            try {
                boolean unused = hold.released.await(LIMIT_SECONDS, TimeUnit.SECONDS);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }
    }

    private synchronized List<Hold> reached(String method, String path, When when) {
        List<Hold> matching =
                holds.stream().filter(hold -> hold.matches(method, path, when)).toList();
        matching.forEach(Hold::arrive);
        return matching;
    }
}
