package dev.firn.cli.demo;

import dev.firn.cli.command.CommandContext;
import dev.firn.cli.command.Connection;
import dev.firn.cli.command.Times;
import dev.firn.cli.events.EventReader;
import dev.firn.cli.retrieval.ResultRows;
import dev.firn.cli.retrieval.Retrievals;
import dev.firn.cli.retrieval.StandingCommand;
import dev.firn.events.RetrievalRequest;
import dev.firn.events.RetrievalResult;
import dev.firn.events.RetrievalStatus;
import dev.firn.events.Spine;
import dev.firn.events.SpineKind;
import dev.firn.lake.storage.Storage;
import dev.firn.service.client.RequestIds;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;

/// The demo's standing retrieval: a commit to its table brings a new result.
final class DemoRefresh {
    private static final Duration ANSWER_TIMEOUT = Duration.ofSeconds(60);
    private static final int CUSTOMERS = 5;

    private final Connection connection;
    private final CommandContext context;
    private final Story story;
    private final Storage storage;
    private final String standingId;

    DemoRefresh(Connection connection, CommandContext context, Story story, Storage storage, String standingId) {
        this.connection = connection;
        this.context = context;
        this.story = story;
        this.storage = storage;
        this.standingId = standingId;
    }

    /// @param view to read `total_orders` from
    void run(DemoTables tables, String view) {
        List<Long> customers = tables.busyCustomers(CUSTOMERS);
        Retrievals retrievals = new Retrievals(connection, context.console());
        try (EventReader answers = retrievals.listen()) {
            RetrievalResult before =
                    retrievals.askStanding(standingId, definition(customers, view), Demo.RESULT_TIMEOUT);
            List<Long> totals = totals(before);
            story.check(
                    before.getStatus() == RetrievalStatus.SUCCEEDED && totals.size() == CUSTOMERS,
                    "first run: total_orders %s at snapshot %s".formatted(totals, snapshot(before)));
            if (before.getStatus() != RetrievalStatus.SUCCEEDED) {
                story.say(before.getCode() + " " + before.getMessage());
                return;
            }
            tables.addOneOrderEach(customers);
            long committed = System.nanoTime();
            long expected = tables.currentSnapshot(DemoTables.CUSTOMERS);
            story.say("Trino committed snapshot %d with an INSERT; Firn is not notified".formatted(expected));
            RetrievalResult after = retrievals.await(
                    answers,
                    standingId,
                    Demo.RESULT_TIMEOUT,
                    result -> Retrievals.isRunOf(standingId, result)
                            && !result.getRequestId().equals(before.getRequestId()));
            story.check(
                    snapshot(after).equals(Long.toString(expected)),
                    "new result %s after the commit: total_orders %s at snapshot %s, previous snapshot %s"
                            .formatted(
                                    Times.format(Duration.ofNanos(System.nanoTime() - committed)),
                                    totals(after),
                                    snapshot(after),
                                    after.getPreviousSnapshotIds()));
            List<Long> oneMoreEach = totals.stream().map(total -> total + 1).toList();
            story.check(totals(after).equals(oneMoreEach), "every total grew by one");
        }
    }

    private RetrievalRequest definition(List<Long> customers, String view) {
        return RetrievalRequest.newBuilder()
                .setRequestId(RequestIds.next("cli", context.clock()))
                .setSpine(Spine.newBuilder()
                        .setKind(SpineKind.IDS)
                        .setColumns(List.of("customer_id"))
                        .setRows(customers.stream()
                                .map(id -> List.of(id.toString()))
                                .toList())
                        .build())
                .setFeatures(List.of(view + ":total_orders"))
                .build();
    }

    private List<Long> totals(RetrievalResult result) {
        List<Long> totals = new ArrayList<>();
        if (result.getStatus() == RetrievalStatus.SUCCEEDED) {
            new ResultRows(storage, result)
                    .forEach(CUSTOMERS, row -> totals.add((Long) Objects.requireNonNull(row.getLast())));
        }
        return totals;
    }

    private static String snapshot(RetrievalResult result) {
        return result.getViews().isEmpty()
                ? "none"
                : String.valueOf(result.getViews().getFirst().getSnapshotId());
    }

    void cancel() {
        RetrievalResult result =
                StandingCommand.cancel(connection, context.console(), context.clock(), standingId, ANSWER_TIMEOUT);
        story.check(
                result.getStatus() == RetrievalStatus.CANCELLED,
                "standing retrieval %s is cancelled".formatted(standingId));
    }
}
