package dev.firn.cli.demo;

import dev.firn.cli.command.Connection;
import dev.firn.cli.view.DropCommand;
import dev.firn.cli.view.Registrations;
import dev.firn.events.FeatureSpec;
import dev.firn.events.FeatureView;
import dev.firn.events.RegistrationRequest;
import dev.firn.events.RegistrationResult;
import dev.firn.events.RegistrationStatus;
import dev.firn.events.TableSource;
import dev.firn.schemas.EventJson;
import dev.firn.service.client.RequestIds;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/// The demo's two feature views.
final class DemoViews {
    static final String CUSTOMER_FEATURES = "customer_features";
    static final String CLERK_FEATURES = "clerk_features";

    private static final Duration ANSWER_TIMEOUT = Duration.ofSeconds(60);

    private final Connection connection;
    private final Clock clock;
    private final Story story;
    private final String schema;
    private final String customers;
    private final String clerks;

    /// @param schema of the demo's tables, in catalog `iceberg`
    /// @param suffix of the views' names
    DemoViews(Connection connection, Clock clock, Story story, String schema, String suffix) {
        this.connection = connection;
        this.clock = clock;
        this.story = story;
        this.schema = schema;
        this.customers = CUSTOMER_FEATURES + suffix;
        this.clerks = CLERK_FEATURES + suffix;
    }

    String customers() {
        return customers;
    }

    /// All features of both views, as a retrieval request names them.
    List<String> features() {
        return List.of(
                customers + ":total_orders",
                customers + ":avg_order_value",
                clerks + ":orders_taken",
                clerks + ":revenue");
    }

    void register() {
        register(customerFeatures());
        register(clerkFeatures());
    }

    private void register(RegistrationRequest request) {
        RegistrationResult result = Registrations.ask(connection, request, ANSWER_TIMEOUT);
        FeatureView stored = result.getFeatureView();
        boolean accepted = result.getStatus() == RegistrationStatus.REGISTERED;
        boolean complete = stored != null
                && stored.getFeatures().size() == request.getFeatures().size();
        story.check(accepted && complete, result.getMessage());
        if (!accepted) {
            result.getViolations().forEach(violation -> story.say("  " + Registrations.describe(violation)));
        }
    }

    /// The JSON body of `POST /feast/features`, read as `firn register` reads it
    /// (docs/decisions/0002-events-keep-the-names-of-the-json-body.md).
    private RegistrationRequest customerFeatures() {
        String body = """
                {"request_id": "%s",
                 "name": "%s",
                 "entities": ["customer_id"],
                 "features": [
                   {"name": "total_orders", "dtype": "int64"},
                   {"name": "avg_order_value", "dtype": "float64"}],
                 "source": {"catalog": "iceberg", "schema": "%s", "table_name": "%s", "timestamp_field": "updated_at"},
                 "online": false}""".formatted(RequestIds.next("cli", clock), customers, schema, DemoTables.CUSTOMERS);
        return EventJson.read(RegistrationRequest.class, body);
    }

    /// A day's totals are known when the day is over, and expire after 30 days.
    private RegistrationRequest clerkFeatures() {
        return RegistrationRequest.newBuilder()
                .setRequestId(RequestIds.next("cli", clock))
                .setName(clerks)
                .setEntities(List.of("clerk"))
                .setFeatures(List.of(feature("orders_taken", "int64"), feature("revenue", "decimal(18,2)")))
                .setSource(source(DemoTables.CLERKS, "day"))
                .setAvailableAfterMicros(TimeUnit.DAYS.toMicros(1))
                .setTtlMicros(TimeUnit.DAYS.toMicros(DemoTables.CLERK_TTL_DAYS))
                .build();
    }

    /// Sends a registration with a misspelt column and a wrong type.
    void registerWithMistakes() {
        RegistrationRequest wrong = RegistrationRequest.newBuilder()
                .setRequestId(RequestIds.next("cli", clock))
                .setName(customers + "_wrong")
                .setEntities(List.of("customer_id"))
                .setFeatures(List.of(feature("total_order", "int64"), feature("avg_order_value", "string")))
                .setSource(source(DemoTables.CUSTOMERS, "updated_at"))
                .build();
        RegistrationResult result = Registrations.ask(connection, wrong, ANSWER_TIMEOUT);
        result.getViolations().forEach(violation -> story.say(Registrations.describe(violation)));
        story.check(
                result.getStatus() == RegistrationStatus.REJECTED
                        && result.getViolations().size() == 2
                        && result.getViolations().stream()
                                .anyMatch(violation -> "total_orders".equals(violation.getSuggestion())),
                "rejected: both mistakes are reported and the right column is suggested");
    }

    void drop() {
        for (String view : List.of(customers, clerks)) {
            RegistrationResult result = Registrations.ask(
                    connection, DropCommand.request(RequestIds.next("cli", clock), view, null), ANSWER_TIMEOUT);
            story.check(result.getStatus() == RegistrationStatus.DROPPED, result.getMessage());
        }
    }

    private static FeatureSpec feature(String name, String dtype) {
        return FeatureSpec.newBuilder()
                .setName(name)
                .setDtype(dtype)
                .setTags(Map.of())
                .build();
    }

    private TableSource source(String table, String timestamp) {
        return TableSource.newBuilder()
                .setCatalog("iceberg")
                .setSchema$(schema)
                .setTableName(table)
                .setTimestampField(timestamp)
                .build();
    }
}
