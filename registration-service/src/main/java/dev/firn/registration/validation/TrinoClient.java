package dev.firn.registration.validation;

import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/// Asks Trino over JDBC, within a limit of time that holds whether the server is slow, hangs or is away. Values are
/// bound; identifiers must come quoted. Thread-safe; a connection per query, over the driver's one HTTP client.
public final class TrinoClient implements AutoCloseable {
    private static final int USER_ERRORS_END = 0x1_0000;
    private static final String ANSWERED = "Query failed (#";

    private final String url;
    private final Properties properties = new Properties();
    private final Duration timeout;
    private final Answered answered;
    private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();

    /// @param options further properties of Trino's JDBC driver
    /// @param timeout of a query for which nothing else is said
    /// @param answered hears how each query ended
    public TrinoClient(
            String host, int port, String user, Map<String, String> options, Duration timeout, Answered answered) {
        this.answered = answered;
        this.url = "jdbc:trino://%s:%d".formatted(host, port);
        this.timeout = timeout;
        properties.setProperty("user", user);
        properties.setProperty("source", "firn-registration");
        properties.setProperty("explicitPrepare", "false");
        options.forEach(properties::setProperty);
    }

    /// Hears whether Trino answered, be it with a fault of the query.
    public interface Answered {
        void reached();

        void missed(String reason);
    }

    /// Reads one row; `null` cells are the caller's to expect.
    @FunctionalInterface
    interface RowMapper<T> {
        T of(ResultSet row) throws SQLException;
    }

    <T> List<T> query(String sql, List<String> values, RowMapper<T> row) {
        return query(sql, values, row, timeout);
    }

    /// @throws TrinoAwayException when there is no answer within `limit`, or one that is no fault of the query
    /// @throws TrinoRefusedException when Trino finds fault with the query
    <T> List<T> query(String sql, List<String> values, RowMapper<T> row, Duration limit) {
        try {
            List<T> rows = await(sql, values, row, limit);
            answered.reached();
            return rows;
        } catch (TrinoRefusedException e) {
            answered.reached();
            throw e;
        } catch (TrinoAwayException e) {
            answered.missed(String.valueOf(e.getMessage()));
            throw e;
        }
    }

    private <T> List<T> await(String sql, List<String> values, RowMapper<T> row, Duration limit) {
        Future<List<T>> asked = threads.submit(() -> execute(sql, values, row, limit));
        try {
            return asked.get(limit.toMillis(), TimeUnit.MILLISECONDS);
        } catch (TimeoutException e) {
            throw new TrinoAwayException("no answer within " + limit, e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new TrinoAwayException("interrupted", e);
        } catch (ExecutionException e) {
            throw failure(e.getCause() instanceof SQLException sqlException ? sqlException : new SQLException(e));
        } finally {
            asked.cancel(true);
        }
    }

    private <T> List<T> execute(String sql, List<String> values, RowMapper<T> row, Duration limit) throws SQLException {
        try (Connection connection = DriverManager.getConnection(url, properties);
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

    /// Trino numbers faults of the query below 65536; but 0 also stands for failures of the driver, which bear no
    /// query's id.
    private static RuntimeException failure(SQLException e) {
        String message = e.getMessage() == null ? e.toString() : e.getMessage();
        boolean usersFault = message.startsWith(ANSWERED) && e.getErrorCode() < USER_ERRORS_END;
        return usersFault
                ? new TrinoRefusedException(e.getErrorCode(), message, e)
                : new TrinoAwayException(message, e);
    }

    @Override
    public void close() {
        threads.shutdownNow();
    }

    /// Trino could not be asked, or failed at no fault of the query. Transient.
    static final class TrinoAwayException extends RuntimeException {
        TrinoAwayException(String message, Throwable cause) {
            super("Trino: " + message, cause);
        }
    }

    /// Trino finds fault with the query.
    static final class TrinoRefusedException extends RuntimeException {
        private final int code;

        TrinoRefusedException(int code, String message, Throwable cause) {
            super("Trino: " + message, cause);
            this.code = code;
        }

        /// Trino's number of the fault (`StandardErrorCode`).
        int code() {
            return code;
        }
    }
}
