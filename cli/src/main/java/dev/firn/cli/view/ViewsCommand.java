package dev.firn.cli.view;

import com.fasterxml.jackson.databind.node.ArrayNode;
import dev.firn.cli.command.CommandContext;
import dev.firn.cli.command.CommandFailure;
import dev.firn.cli.command.ConnectedCommand;
import dev.firn.cli.command.Connection;
import dev.firn.cli.command.ExitCode;
import dev.firn.cli.command.NameCandidates;
import dev.firn.cli.command.Times;
import dev.firn.cli.events.LatestRecords;
import dev.firn.cli.events.TopicRecord;
import dev.firn.cli.render.Json;
import dev.firn.cli.render.TextTable;
import dev.firn.events.FeatureView;
import dev.firn.events.ResolvedColumn;
import dev.firn.events.ResolvedSource;
import dev.firn.events.ViewStatus;
import dev.firn.schemas.EventJson;
import dev.firn.schemas.FirnHeaders;
import dev.firn.schemas.Topic;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(
        name = "views",
        description = "Lists the registered feature views, or shows one in full.",
        footer = {"  firn views", "  firn views customer_features", "  firn views --dropped --json"})
public final class ViewsCommand extends ConnectedCommand {
    @Parameters(
            arity = "0..1",
            completionCandidates = NameCandidates.Views.class,
            paramLabel = "NAME",
            description = "The view to show in full.")
    @Nullable
    String name;

    @Option(names = "--dropped", description = "Includes dropped views.")
    boolean dropped;

    ViewsCommand(CommandContext context) {
        super(context);
    }

    @Override
    protected ExitCode run() {
        Map<String, TopicRecord> records = LatestRecords.records(connect(), Topic.FEATURE_VIEWS, FeatureView.class);
        Map<String, FeatureView> views = LatestRecords.events(records, FeatureView.class);
        if (name != null) {
            FeatureView view = views.get(name);
            if (view == null) {
                throw new CommandFailure(
                        ExitCode.NOT_FOUND, "View '%s' does not exist%s".formatted(name, nearest(name, views)));
            }
            show(view, principal(records.get(name)));
            return ExitCode.OK;
        }
        views.values().removeIf(view -> !dropped && view.getStatus() == ViewStatus.DROPPED);
        list(List.copyOf(views.values()));
        return ExitCode.OK;
    }

    /// `; did you mean 'customers'?`, or nothing.
    static String nearest(String name, Map<String, FeatureView> views) {
        return Registrations.didYouMean(
                name,
                views.values().stream()
                        .filter(view -> view.getStatus() != ViewStatus.DROPPED)
                        .map(FeatureView::getName)
                        .toList());
    }

    /// The views that are committed now, by name.
    public static Map<String, FeatureView> read(Connection connection) {
        return LatestRecords.of(connection, Topic.FEATURE_VIEWS, FeatureView.class);
    }

    /// Who asked for the version, as its event said.
    static String principal(@Nullable TopicRecord record) {
        return record == null ? "" : record.headers().getOrDefault(FirnHeaders.PRINCIPAL, "");
    }

    private void list(List<FeatureView> views) {
        if (json) {
            ArrayNode all = Json.array();
            views.forEach(view -> all.add(EventJson.tree(view)));
            console().answer(all);
            return;
        }
        TextTable table = new TextTable("view", "version", "status", "entities", "features", "table", "snapshot");
        for (FeatureView view : views) {
            ResolvedSource source = view.getSource();
            table.row(
                    view.getName(),
                    view.getVersion(),
                    view.getStatus(),
                    names(view.getEntities()),
                    names(view.getFeatures()),
                    tableName(source),
                    source.getSnapshotId() == null ? "" : source.getSnapshotId());
        }
        if (table.isEmpty()) {
            console().note("No views are registered.");
        } else {
            console().answer(table);
        }
    }

    private void show(FeatureView view, String principal) {
        if (json) {
            console().answer(EventJson.tree(view).put("principal", principal));
            return;
        }
        console().answer(facts(view, principal));
        Registrations.printFindings(console(), "✗", view.getReasons());
    }

    static TextTable facts(FeatureView view, String principal) {
        ResolvedSource source = view.getSource();
        TextTable facts = new TextTable("view", view.getName()).keepLastColumnWhole();
        facts.row("status", view.getStatus() + ", version " + view.getVersion());
        if (source.getCatalog().isEmpty()) { // dropped long ago: the registry keeps only this
            facts.row("dropped", view.getUpdatedAt());
            return facts;
        }
        facts.row("table", tableName(source) + (source.getRef() == null ? "" : " at " + source.getRef()));
        facts.row("snapshot", String.valueOf(source.getSnapshotId()));
        facts.row("data path", source.getDataPath());
        facts.row("timestamp", column(source.getTimestamp()));
        if (source.getCreatedTimestamp() != null) {
            facts.row("created", column(source.getCreatedTimestamp()));
        }
        view.getEntities().forEach(entity -> facts.row("entity", column(entity)));
        view.getFeatures().forEach(feature -> facts.row("feature", column(feature)));
        facts.row("ttl", view.getTtlMicros() == 0 ? "unlimited" : Times.formatMicros(view.getTtlMicros()));
        facts.row(
                "available after",
                view.getAvailableAfterMicros() == 0 ? "at once" : Times.formatMicros(view.getAvailableAfterMicros()));
        if (!view.getDescription().isEmpty()) {
            facts.row("description", view.getDescription());
        }
        if (!view.getOwner().isEmpty()) {
            facts.row("owner", view.getOwner());
        }
        facts.row("updated", view.getUpdatedAt() + " by " + view.getRequestId());
        if (!principal.isEmpty()) {
            facts.row("asked for by", principal + " (as the request says, unproven)");
        }
        return facts;
    }

    private static String column(ResolvedColumn column) {
        String type = column.getDtype().isEmpty() ? column.getType() : column.getDtype();
        String from = column.getName().equals(column.getColumn()) ? "" : " from " + column.getColumn();
        return "%s %s%s".formatted(column.getName(), type, from);
    }

    private static String names(List<ResolvedColumn> columns) {
        return columns.stream().map(ResolvedColumn::getName).collect(Collectors.joining(", "));
    }

    private static String tableName(ResolvedSource source) {
        return source.getCatalog().isEmpty()
                ? ""
                : "%s.%s.%s".formatted(source.getCatalog(), source.getSchema$(), source.getTableName());
    }
}
