package dev.firn.lake.catalog;

import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.apache.iceberg.CatalogProperties;

/// Time limits on the connections of catalogs. A thread that reads a socket cannot be interrupted: without
/// these, a call to a catalog that stops answering keeps its thread and its permit forever. A property or a
/// parameter of the URL that the operator sets wins.
///
/// Applies to REST catalogs and to JDBC catalogs with the drivers of PostgreSQL, MySQL, MariaDB, SQL Server
/// and Oracle, which take their limits as connection properties (Iceberg passes on what begins with `jdbc.`).
/// Other drivers and catalogs bring their own.
final class SocketTimeouts {
    private static final Duration MAX_CONNECT = Duration.ofSeconds(5);

    private enum Unit {
        SECONDS,
        MILLIS
    }

    /// @param connect the driver's property for connecting
    /// @param read the driver's property for waiting for bytes
    private record Driver(String url, String connect, Unit connectUnit, String read, Unit readUnit) {}

    private static final List<Driver> DRIVERS = List.of(
            new Driver("jdbc:postgresql:", "connectTimeout", Unit.SECONDS, "socketTimeout", Unit.SECONDS),
            new Driver("jdbc:mysql:", "connectTimeout", Unit.MILLIS, "socketTimeout", Unit.MILLIS),
            new Driver("jdbc:mariadb:", "connectTimeout", Unit.MILLIS, "socketTimeout", Unit.MILLIS),
            new Driver("jdbc:sqlserver:", "loginTimeout", Unit.SECONDS, "socketTimeout", Unit.MILLIS),
            new Driver(
                    "jdbc:oracle:", "oracle.net.CONNECT_TIMEOUT", Unit.MILLIS, "oracle.jdbc.ReadTimeout", Unit.MILLIS));

    /// PostgreSQL's driver waits this long for the answer to its login.
    private static final String POSTGRES_LOGIN = "loginTimeout";

    private SocketTimeouts() {}

    /// @param callTime time limit of a call, which is how long it makes sense to wait for bytes
    static Map<String, String> complete(Map<String, String> properties, Duration callTime) {
        Map<String, String> all = new HashMap<>(properties);
        Duration connect = callTime.compareTo(MAX_CONNECT) < 0 ? callTime : MAX_CONNECT;
        all.putIfAbsent("rest.client.connection-timeout-ms", in(Unit.MILLIS, connect));
        all.putIfAbsent("rest.client.socket-timeout-ms", in(Unit.MILLIS, callTime));
        String url = properties.getOrDefault(CatalogProperties.URI, "");
        for (Driver driver : DRIVERS) {
            if (url.startsWith(driver.url)) {
                put(all, url, driver.connect, in(driver.connectUnit, connect));
                put(all, url, driver.read, in(driver.readUnit, callTime));
                if (driver.url.equals("jdbc:postgresql:")) {
                    put(all, url, POSTGRES_LOGIN, in(Unit.SECONDS, callTime));
                }
            }
        }
        return Map.copyOf(all);
    }

    private static void put(Map<String, String> all, String url, String property, String value) {
        String parameter = property.toLowerCase(Locale.ROOT) + "=";
        if (!url.toLowerCase(Locale.ROOT).contains(parameter)) {
            all.putIfAbsent("jdbc." + property, value);
        }
    }

    /// Rounded up: 0 would mean no limit.
    private static String in(Unit unit, Duration time) {
        long millis = Math.max(1, time.toMillis());
        return Long.toString(unit == Unit.MILLIS ? millis : (millis + 999) / 1000);
    }
}
