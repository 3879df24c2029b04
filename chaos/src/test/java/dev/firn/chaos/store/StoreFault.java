package dev.firn.chaos.store;

import java.util.EnumSet;
import java.util.Set;

/// How a store fails a request.
public enum StoreFault {
    /// 500, and nothing was done.
    SERVER_ERROR,
    /// 503 SlowDown, and nothing was done.
    SLOW_DOWN,
    /// The connection ends before anything was done.
    RESET,
    /// The request was executed, and the connection ends without an answer.
    LOST_ANSWER,
    /// 500; a PUT or DELETE is executed all the same, later.
    LATE,
    /// The connection ends in the middle of a GET's body.
    CUT_BODY,
    /// One bit of a GET's body is another.
    FLIPPED_BIT;

    /// The faults after which a client knows that something is wrong.
    public static Set<StoreFault> visible() {
        return EnumSet.complementOf(EnumSet.of(FLIPPED_BIT));
    }

    /// Whether requests of this method can have the fault.
    boolean suits(String method) {
        return switch (this) {
            case LATE -> method.equals("PUT") || method.equals("DELETE");
            case CUT_BODY, FLIPPED_BIT -> method.equals("GET");
            case SERVER_ERROR, SLOW_DOWN, RESET, LOST_ANSWER -> true;
        };
    }
}
