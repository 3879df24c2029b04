package dev.firn.cli.demo;

import dev.firn.cli.command.CommandContext;
import dev.firn.cli.command.Connection;
import dev.firn.cli.command.RequestIds;
import dev.firn.cli.command.Times;
import dev.firn.cli.events.EventReader;
import dev.firn.cli.render.Console;
import dev.firn.cli.retrieval.ResultReport;
import dev.firn.cli.retrieval.ResultRows;
import dev.firn.cli.retrieval.Retrievals;
import dev.firn.cli.retrieval.StandingCommand;
import dev.firn.cli.view.DropCommand;
import dev.firn.cli.view.Registrations;
import dev.firn.cli.view.ViewsCommand;
import dev.firn.config.FirnConfig;
import dev.firn.events.FeatureSpec;
import dev.firn.events.FeatureView;
import dev.firn.events.RegistrationRequest;
import dev.firn.events.RegistrationResult;
import dev.firn.events.RegistrationStatus;
import dev.firn.events.RetrievalRequest;
import dev.firn.events.RetrievalResult;
import dev.firn.events.RetrievalStatus;
import dev.firn.events.Spine;
import dev.firn.events.SpineKind;
import dev.firn.events.TableSource;
import dev.firn.events.ViewOutcome;
import dev.firn.events.ViewStatus;
import dev.firn.lake.storage.Storage;
import dev.firn.schemas.EventJson;
import java.time.Clock;
import java.time.Duration;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/// The story of `firn demo`, on a Firn that runs. The first demo of a stack makes what people will look for,
/// `iceberg.gold.customer_aggregates` and the view `customer_features`; later ones make their own beside it.
final class Demo implements AutoCloseable {
    private static final Duration ANSWER_LIMIT = Duration.ofSeconds(60);
    private static final Duration RESULT_LIMIT = Duration.ofMinutes(3);
    private static final int STANDING_CUSTOMERS = 5;
    private static final int PREVIEW_ROWS = 6;

    private final Connection connection;
    private final Console console;
    private final Clock clock;
    private final Story story;
    private final int spineRows;
    private final boolean first;
    private final DemoTables tables;
    private final String customers;
    private final String clerks;
    private final String standing;
    private final Storage storage;
    private final ResultReport report;
    private final Retrievals retrievals;

    Demo(Connection connection, CommandContext context, Story story, String scale, int spineRows) {
        this.connection = connection;
        this.console = context.console();
        this.clock = context.clock();
        this.story = story;
        this.spineRows = spineRows;
        FirnConfig.Trino trino = connection.config().trino();
        String url = "jdbc:trino://%s:%d".formatted(trino.host(), trino.port());
        String stamp = DateTimeFormatter.ofPattern("MMdd_HHmmss")
                .withZone(ZoneOffset.UTC)
                .format(clock.instant());
        DemoTables gold = new DemoTables(url, trino.user(), "gold", scale);
        this.first = isUnused(gold);
        if (first) {
            this.tables = gold;
        } else {
            gold.close();
            this.tables = new DemoTables(url, trino.user(), "demo_" + stamp, scale);
        }
        String suffix = first ? "" : "_" + stamp;
        this.customers = "customer_features" + suffix;
        this.clerks = "clerk_features" + suffix;
        this.standing = "demo-" + stamp.replace('_', '-');
        this.storage = connection.storage();
        this.report = new ResultReport(connection, storage, console);
        this.retrievals = new Retrievals(connection, console);
    }

    private boolean isUnused(DemoTables gold) {
        return !gold.exists(DemoTables.CUSTOMERS)
                && !gold.exists(DemoTables.CLERKS)
                && !gold.exists(DemoTables.SPINE)
                && ViewsCommand.read(connection).values().stream()
                        .noneMatch(view -> view.getStatus() != ViewStatus.DROPPED
                                && List.of("customer_features", "clerk_features")
                                        .contains(view.getName()));
    }

    void run() {
        story.step("Trino makes two Iceberg tables of features and a spine, from TPC-H orders", this::makeTables);
        story.step("Register two feature views by Avro events on registration-requests", this::register);
        story.step("A registration with mistakes gets all of them back at once", this::reject);
        RetrievalResult result = story.step(
                "Retrieve features of both views for %,d orders, each as its morning knew them".formatted(spineRows),
                this::retrieve);
        if (result.getStatus() != RetrievalStatus.SUCCEEDED) {
            return;
        }
        story.step("Ask Trino for the same join and compare every value", () -> compare(result));
        story.step(
                "Keep a retrieval standing; commit to its table; the new result comes by itself",
                this::refreshStanding);
        story.step("The result is plain Parquet", () -> showResultFiles(result));
    }

    private boolean makeTables() {
        tables.createSchema();
        story.say(tables.createCustomers());
        story.say(tables.createClerks());
        story.say(tables.createSpine(spineRows));
        return true;
    }

    private boolean register() {
        registered(customerFeatures());
        registered(clerkFeatures());
        return true;
    }

    private void registered(RegistrationRequest request) {
        RegistrationResult result = Registrations.ask(connection, request, ANSWER_LIMIT);
        FeatureView stored = result.getFeatureView();
        boolean accepted = result.getStatus() == RegistrationStatus.REGISTERED;
        boolean complete = stored != null
                && stored.getFeatures().size() == request.getFeatures().size();
        story.check(accepted && complete, result.getMessage());
        if (!accepted) {
            result.getViolations().forEach(found -> story.say("  " + Registrations.describe(found)));
        }
    }

    /// The body that the mission shows, read as `firn register` reads it.
    private RegistrationRequest customerFeatures() {
        String body = """
                {"request_id": "%s",
                 "name": "%s",
                 "entities": ["customer_id"],
                 "features": [
                   {"name": "total_orders", "dtype": "int64"},
                   {"name": "avg_order_value", "dtype": "float64"}],
                 "source": {"catalog": "iceberg", "schema": "%s", "table_name": "%s", "timestamp_field": "updated_at"},
                 "online": false}""".formatted(RequestIds.next(clock), customers, schema(), DemoTables.CUSTOMERS);
        return EventJson.read(RegistrationRequest.class, body);
    }

    /// A day's total is known when the day is over, and says nothing after a month.
    private RegistrationRequest clerkFeatures() {
        return RegistrationRequest.newBuilder()
                .setRequestId(RequestIds.next(clock))
                .setName(clerks)
                .setEntities(List.of("clerk"))
                .setFeatures(List.of(feature("orders_taken", "int64"), feature("revenue", "decimal(18,2)")))
                .setSource(source(DemoTables.CLERKS, "day"))
                .setAvailableAfterMicros(TimeUnit.DAYS.toMicros(1))
                .setTtlMicros(TimeUnit.DAYS.toMicros(DemoTables.CLERK_TTL_DAYS))
                .build();
    }

    private boolean reject() {
        RegistrationRequest wrong = RegistrationRequest.newBuilder()
                .setRequestId(RequestIds.next(clock))
                .setName(customers + "_wrong")
                .setEntities(List.of("customer_id"))
                .setFeatures(List.of(feature("total_order", "int64"), feature("avg_order_value", "string")))
                .setSource(source(DemoTables.CUSTOMERS, "updated_at"))
                .build();
        RegistrationResult result = Registrations.ask(connection, wrong, ANSWER_LIMIT);
        result.getViolations().forEach(found -> story.say(Registrations.describe(found)));
        story.check(
                result.getStatus() == RegistrationStatus.REJECTED
                        && result.getViolations().size() == 2
                        && result.getViolations().stream()
                                .anyMatch(found -> "total_orders".equals(found.getSuggestion())),
                "rejected with both mistakes, the right name offered");
        return true;
    }

    private RetrievalResult retrieve() {
        RetrievalRequest request = RetrievalRequest.newBuilder()
                .setRequestId(RequestIds.next(clock))
                .setSpine(Spine.newBuilder()
                        .setKind(SpineKind.TABLE)
                        .setTable(tables.name(DemoTables.SPINE))
                        .build())
                .setFeatures(List.of(
                        customers + ":total_orders",
                        customers + ":avg_order_value",
                        clerks + ":orders_taken",
                        clerks + ":revenue"))
                .build();
        RetrievalResult result = retrievals.ask(request, RESULT_LIMIT);
        story.check(
                result.getStatus() == RetrievalStatus.SUCCEEDED && result.getRows() == spineRows,
                "%s: %s".formatted(result.getStatus(), result.getMessage()));
        result.getViolations().forEach(found -> story.say("  " + Registrations.describe(found)));
        for (ViewOutcome view : result.getViews()) {
            story.say("%s at snapshot %s: %,d matched, %,d not, %,d ambiguous; %d files read, %d skipped"
                    .formatted(
                            view.getAlias(),
                            view.getSnapshotId(),
                            view.getMatched(),
                            view.getUnmatched(),
                            view.getAmbiguous(),
                            view.getFilesRead(),
                            view.getFilesSkipped()));
        }
        return result;
    }

    private boolean compare(RetrievalResult result) {
        DemoComparison comparison = DemoComparison.of(new ResultRows(storage, result), tables.joinedByTrino());
        comparison.firstDifferences().forEach(story::say);
        story.check(
                comparison.isEqual() && comparison.rows() == spineRows,
                "%,d rows, %,d values: %s"
                        .formatted(
                                comparison.rows(),
                                comparison.values(),
                                comparison.isEqual() ? "equal, bit for bit" : comparison.differences() + " differ"));
        return true;
    }

    private boolean refreshStanding() {
        List<Long> busy = tables.busyCustomers(STANDING_CUSTOMERS);
        RetrievalRequest definition = RetrievalRequest.newBuilder()
                .setRequestId(RequestIds.next(clock))
                .setSpine(Spine.newBuilder()
                        .setKind(SpineKind.IDS)
                        .setColumns(List.of("customer_id"))
                        .setRows(busy.stream().map(id -> List.of(id.toString())).toList())
                        .build())
                .setFeatures(List.of(customers + ":total_orders"))
                .build();
        try (EventReader answers = retrievals.listen()) {
            RetrievalResult before = retrievals.askStanding(standing, definition, RESULT_LIMIT);
            List<Object> totals = totals(before);
            story.check(
                    before.getStatus() == RetrievalStatus.SUCCEEDED && totals.size() == STANDING_CUSTOMERS,
                    "first run: total_orders %s at snapshot %s".formatted(totals, snapshot(before)));
            if (before.getStatus() != RetrievalStatus.SUCCEEDED) {
                story.say(before.getCode() + " " + before.getMessage());
                return false;
            }
            tables.addOneOrderEach(busy);
            long committed = System.nanoTime();
            long expected = tables.currentSnapshot(DemoTables.CUSTOMERS);
            story.say("INSERT by Trino committed snapshot %d; nobody tells Firn".formatted(expected));
            RetrievalResult after = retrievals.await(
                    answers,
                    standing,
                    RESULT_LIMIT,
                    result -> Retrievals.isRunOf(standing, result)
                            && !result.getRequestId().equals(before.getRequestId()));
            story.check(
                    snapshot(after).equals(Long.toString(expected)),
                    "refreshed %s after the commit: total_orders %s at snapshot %s, before it %s"
                            .formatted(
                                    Times.format(Duration.ofNanos(System.nanoTime() - committed)),
                                    totals(after),
                                    snapshot(after),
                                    after.getPreviousSnapshotIds()));
            story.check(totals(after).equals(plusOne(totals)), "every total is one higher");
        }
        return true;
    }

    private List<Object> totals(RetrievalResult result) {
        List<Object> totals = new java.util.ArrayList<>();
        if (result.getStatus() == RetrievalStatus.SUCCEEDED) {
            new ResultRows(storage, result)
                    .forEach(STANDING_CUSTOMERS, row -> totals.add(String.valueOf(row.getLast())));
        }
        return totals;
    }

    private static List<Object> plusOne(List<Object> totals) {
        return totals.stream()
                .map(total -> (Object) Long.toString(Long.parseLong(total.toString()) + 1))
                .toList();
    }

    private static String snapshot(RetrievalResult result) {
        return result.getViews().isEmpty()
                ? "none"
                : String.valueOf(result.getViews().getFirst().getSnapshotId());
    }

    private boolean showResultFiles(RetrievalResult result) {
        story.say(String.valueOf(result.getLocation()));
        result.getFiles().forEach(file -> story.say("  " + file.getLocation()));
        story.say("");
        story.say(new ResultRows(storage, result).preview(PREVIEW_ROWS).lines());
        story.say("");
        story.say("Read it with Python, while the stack is up:");
        story.say("");
        report.python(result).forEach(line -> console.answer("  " + line));
        story.say("");
        return true;
    }

    /// Ends what would go on; what a later demo made beside the first is removed.
    void cleanUp() {
        story.step(
                first ? "Cancel the standing retrieval; tables and views stay" : "Remove what this demo made", () -> {
                    boolean cancelled = StandingCommand.cancel(connection, console, clock, standing, ANSWER_LIMIT)
                                    .getStatus()
                            == RetrievalStatus.CANCELLED;
                    story.check(cancelled, "standing retrieval %s cancelled".formatted(standing));
                    if (!first) {
                        List.of(customers, clerks).forEach(this::drop);
                        tables.dropAll();
                    }
                    return true;
                });
    }

    private void drop(String view) {
        RegistrationResult dropped =
                Registrations.ask(connection, DropCommand.request(RequestIds.next(clock), view, null), ANSWER_LIMIT);
        story.check(dropped.getStatus() == RegistrationStatus.DROPPED, dropped.getMessage());
    }

    private String schema() {
        String name = tables.name("");
        return name.substring("iceberg.".length(), name.length() - 1);
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
                .setSchema$(schema())
                .setTableName(table)
                .setTimestampField(timestamp)
                .build();
    }

    @Override
    public void close() {
        storage.close();
        tables.close();
    }
}
