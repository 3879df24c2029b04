package dev.firn.registration.validation;

import dev.firn.lake.Reason;
import java.io.UncheckedIOException;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Properties;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/// Queries Trino over JDBC, within a time limit, even if the server is slow, hangs or is away. Values are
/// bound; callers quote identifiers. Thread-safe; opens a connection per query, over the driver's one HTTP client.
public final class TrinoClient implements AutoCloseable {
    /// Trino numbers errors of the user below this.
    private static final int USER_ERRORS_END = 0x1_0000;
    /// How the driver's messages start if the server reports the error.
    private static final String SERVER_ERROR_PREFIX = "Query failed (#";

    private final TrinoLogin login;
    private final Duration timeout;
    private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();

    /// @param timeout of queries without a limit of their own
    public TrinoClient(TrinoLogin login, Duration timeout) {
        this.login = login;
        this.timeout = timeout;
    }

    /// Runs the smallest query, to see whether Trino answers. May be interrupted.
    ///
    /// @throws TrinoAwayException if it does not
    public void check() {
        try {
            query("SELECT 1", List.of(), row -> row.getInt(1));
        } catch (TrinoRefusedException answered) {
            // a refusal is an answer
        }
    }

    /// Reads one row; cells may be null.
    @FunctionalInterface
    interface RowMapper<T> {
        T of(ResultSet row) throws SQLException;
    }

    <T> List<T> query(String sql, List<String> values, RowMapper<T> row) {
        return query(sql, values, row, timeout);
    }

    /// @throws TrinoAwayException if there is no answer within `limit`, or the query fails through no fault of its own
    /// @throws TrinoRefusedException if Trino rejects the query
    <T> List<T> query(String sql, List<String> values, RowMapper<T> row, Duration limit) {
        Future<List<T>> result = threads.submit(() -> execute(sql, values, row, limit));
        try {
            return result.get(limit.toMillis(), TimeUnit.MILLISECONDS);
        } catch (TimeoutException e) {
            throw new TrinoAwayException("no answer within " + limit, e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new TrinoAwayException("interrupted", e);
        } catch (ExecutionException e) {
            throw failure(e.getCause() instanceof SQLException sqlException ? sqlException : new SQLException(e));
        } finally {
            result.cancel(true);
        }
    }

    private <T> List<T> execute(String sql, List<String> values, RowMapper<T> row, Duration limit) throws SQLException {
        Properties properties = properties();
        try (Connection connection = DriverManager.getConnection(login.url(), properties);
                PreparedStatement statement = connection.prepareStatement(sql)) {
            statement.setQueryTimeout((int) Math.max(1, limit.toSeconds() + 1));
            for (int i = 0; i < values.size(); i++) {
                statement.setString(i + 1, values.get(i));
            }
            try (ResultSet rows = statement.executeQuery()) {
                List<T> all = new ArrayList<>();
                while (rows.next()) {
                    all.add(row.of(rows));
                }
                return all;
            }
        }
    }

    /// A credentials file that cannot be read is about to be replaced, or somebody has to mend it. It is no
    /// fault of the query.
    private Properties properties() throws SQLException {
        try {
            return login.properties();
        } catch (UncheckedIOException e) {
            throw new SQLException(e.getMessage(), e);
        }
    }

    /// Failures of the driver have number 0, which is in the range of the user's errors; but their messages have no
    /// query id.
    private static RuntimeException failure(SQLException e) {
        String message = e.getMessage() == null ? Reason.of(e) : e.getMessage();
        boolean isUsersFault = message.startsWith(SERVER_ERROR_PREFIX) && e.getErrorCode() < USER_ERRORS_END;
        return isUsersFault ? new TrinoRefusedException(message, e) : new TrinoAwayException(message, e);
    }

    @Override
    public void close() {
        threads.shutdownNow();
    }

    /// Trino did not answer, or failed through no fault of the query. Transient.
    static final class TrinoAwayException extends RuntimeException {
        TrinoAwayException(String message, Throwable cause) {
            super("Trino: " + message, cause);
        }
    }

    /// Trino rejects the query.
    static final class TrinoRefusedException extends RuntimeException {
        TrinoRefusedException(String message, Throwable cause) {
            super("Trino: " + message, cause);
        }
    }
}
