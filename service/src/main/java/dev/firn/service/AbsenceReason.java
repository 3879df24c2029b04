package dev.firn.service;

import java.net.ConnectException;
import java.net.SocketTimeoutException;
import java.net.UnknownHostException;
import java.net.http.HttpTimeoutException;
import java.util.concurrent.TimeoutException;
import javax.net.ssl.SSLException;

/// Why a neighbour did not answer, in words of Firn's own. `/health` shows them to anyone, and the message of a driver
/// or a server may hold addresses, names or secrets. The log has the message.
final class AbsenceReason {
    private static final int MAX_CAUSES = 20;

    private AbsenceReason() {}

    /// The first cause that says more than "failed"; otherwise the type of the deepest.
    static String of(Throwable fault) {
        Throwable deepest = fault;
        Throwable cause = fault;
        for (int depth = 0; cause != null && depth < MAX_CAUSES; depth++) {
            deepest = cause;
            String known =
                    switch (cause) {
                        case UnfitNeighbourException e -> String.valueOf(e.getMessage());
                        case UnknownHostException e -> "unknown host";
                        case ConnectException e -> "connection refused";
                        case SSLException e -> "TLS failed";
                        case SocketTimeoutException e -> "no answer in time";
                        case HttpTimeoutException e -> "no answer in time";
                        case TimeoutException e -> "no answer in time";
                        case org.apache.kafka.common.errors.TimeoutException e -> "no answer in time";
                        default -> "";
                    };
            if (!known.isEmpty()) {
                return known;
            }
            cause = cause.getCause();
        }
        return "failed: " + deepest.getClass().getSimpleName();
    }
}
