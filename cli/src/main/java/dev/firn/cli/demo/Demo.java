package dev.firn.cli.demo;

import dev.firn.cli.command.CommandContext;
import dev.firn.cli.command.Connection;
import dev.firn.cli.render.Console;
import dev.firn.cli.render.Plural;
import dev.firn.cli.retrieval.ResultReport;
import dev.firn.cli.retrieval.ResultRows;
import dev.firn.cli.retrieval.Retrievals;
import dev.firn.cli.view.Registrations;
import dev.firn.cli.view.ViewsCommand;
import dev.firn.config.FirnConfig;
import dev.firn.events.RetrievalRequest;
import dev.firn.events.RetrievalResult;
import dev.firn.events.RetrievalStatus;
import dev.firn.events.Spine;
import dev.firn.events.SpineKind;
import dev.firn.events.ViewOutcome;
import dev.firn.events.ViewStatus;
import dev.firn.lake.storage.Storage;
import dev.firn.service.client.RequestIds;
import java.time.Clock;
import java.time.Duration;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.List;

/// The steps of `firn demo`, on a running Firn. The first demo of a stack creates the table
/// `iceberg.gold.customer_aggregates` and the view `customer_features`, the ones that people will look for. Later demos
/// create their own beside these.
final class Demo implements AutoCloseable {
    static final Duration RESULT_TIMEOUT = Duration.ofMinutes(3);

    private static final int PREVIEW_ROWS = 6;

    private final Connection connection;
    private final Console console;
    private final Clock clock;
    private final Story story;
    private final int spineRows;
    private final boolean isFirst;
    private final DemoTables tables;
    private final DemoViews views;
    private final Storage storage;
    private final DemoRefresh refresh;

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
        this.isFirst = isUnused(gold);
        if (isFirst) {
            this.tables = gold;
        } else {
            gold.close();
            this.tables = new DemoTables(url, trino.user(), "demo_" + stamp, scale);
        }
        this.views = new DemoViews(connection, clock, story, tables.schema(), isFirst ? "" : "_" + stamp);
        this.storage = connection.storage();
        this.refresh = new DemoRefresh(connection, context, story, storage, "demo-" + stamp.replace('_', '-'));
    }

    private boolean isUnused(DemoTables gold) {
        return !gold.exists(DemoTables.CUSTOMERS)
                && !gold.exists(DemoTables.CLERKS)
                && !gold.exists(DemoTables.SPINE)
                && ViewsCommand.read(connection).values().stream()
                        .noneMatch(view -> view.getStatus() != ViewStatus.DROPPED
                                && List.of(DemoViews.CUSTOMER_FEATURES, DemoViews.CLERK_FEATURES)
                                        .contains(view.getName()));
    }

    void run() {
        story.step("Create two Iceberg feature tables and a spine from TPC-H orders, with Trino", this::createTables);
        story.step("Register two feature views with Avro events on registration-requests", views::register);
        story.step("Send a registration with two mistakes; one answer reports both", views::registerWithMistakes);
        RetrievalResult result = story.step(
                "Retrieve features of both views for %,d orders, each as of its own time".formatted(spineRows),
                this::retrieve);
        if (result.getStatus() != RetrievalStatus.SUCCEEDED) {
            return;
        }
        story.step("Run the same join in Trino and compare every value", () -> compare(result));
        story.step(
                "Create a standing retrieval and commit to its table; a new result follows",
                () -> refresh.run(tables, views.customers()));
        story.step("The result is plain Parquet", () -> showFiles(result));
    }

    private void createTables() {
        tables.createSchema();
        tables.creations(spineRows)
                .forEach(creation -> story.say(
                        "%s: %s".formatted(tables.name(creation.table()), Plural.of(tables.create(creation), "row"))));
    }

    private RetrievalResult retrieve() {
        RetrievalRequest request = RetrievalRequest.newBuilder()
                .setRequestId(RequestIds.next("cli", clock))
                .setSpine(Spine.newBuilder()
                        .setKind(SpineKind.TABLE)
                        .setTable(tables.name(DemoTables.SPINE))
                        .build())
                .setFeatures(views.features())
                .build();
        RetrievalResult result = new Retrievals(connection, console).ask(request, RESULT_TIMEOUT);
        story.check(
                result.getStatus() == RetrievalStatus.SUCCEEDED && result.getRows() == spineRows,
                "%s: %s".formatted(result.getStatus(), result.getMessage()));
        result.getViolations().forEach(violation -> story.say("  " + Registrations.describe(violation)));
        for (ViewOutcome view : result.getViews()) {
            story.say("%s at snapshot %s: %,d matched, %,d unmatched, %,d ambiguous; %d files read, %d skipped"
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

    private void compare(RetrievalResult result) {
        DemoComparison comparison = DemoComparison.of(new ResultRows(storage, result), tables.joinedByTrino());
        comparison.firstDifferences().forEach(story::say);
        story.check(
                comparison.isEqual() && comparison.rows() == spineRows,
                "%,d rows, %,d values: %s"
                        .formatted(
                                comparison.rows(),
                                comparison.values(),
                                comparison.isEqual() ? "equal, bit for bit" : comparison.differences() + " differ"));
    }

    private void showFiles(RetrievalResult result) {
        story.say(String.valueOf(result.getLocation()));
        result.getFiles().forEach(file -> story.say("  " + file.getLocation()));
        story.say("");
        story.say(new ResultRows(storage, result).preview(PREVIEW_ROWS).lines());
        story.say("");
        story.say("Read it with Python while the stack runs:");
        story.say("");
        new ResultReport(connection, storage, console).python(result).forEach(line -> console.answer("  " + line));
        story.say("");
    }

    /// Cancels the standing retrieval. A later demo also removes its views and tables.
    void cleanUp() {
        String title =
                isFirst ? "Cancel the standing retrieval; tables and views stay" : "Remove what this demo created";
        story.step(title, () -> {
            refresh.cancel();
            if (!isFirst) {
                views.drop();
                tables.dropAll();
            }
        });
    }

    @Override
    public void close() {
        storage.close();
        tables.close();
    }
}
