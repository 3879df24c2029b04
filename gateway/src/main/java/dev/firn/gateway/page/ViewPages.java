package dev.firn.gateway.page;

import dev.firn.events.FeatureView;
import dev.firn.events.StandingRetrieval;
import dev.firn.events.StandingStatus;
import dev.firn.events.TableCommit;
import dev.firn.events.ViewUse;
import dev.firn.gateway.access.Caller;
import dev.firn.gateway.feature.FeatureCalls;
import dev.firn.gateway.feature.RegisteredView;
import dev.firn.gateway.feature.Warnings;
import dev.firn.gateway.http.Call;
import dev.firn.gateway.operation.OperationCalls;
import dev.firn.gateway.standing.StandingCalls;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// The views, and one of them.
public final class ViewPages {
    /// The most views that one page lists.
    static final int MAX_ROWS = 500;
    /// The most commits that a page of a view shows.
    static final int MAX_COMMITS = 100;

    private static final String SECTION = "views";

    private final Renderer renderer;
    private final FeatureCalls.Registry registry;
    private final StandingCalls.Registry standing;
    private final OperationCalls operations;
    private final Warnings warnings;

    public ViewPages(
            Renderer renderer,
            FeatureCalls.Registry registry,
            StandingCalls.Registry standing,
            OperationCalls operations,
            Warnings warnings) {
        this.renderer = renderer;
        this.registry = registry;
        this.standing = standing;
        this.operations = operations;
        this.warnings = warnings;
    }

    void list(Call call) {
        String wanted = call.query("q").orElse("").strip();
        Map<String, TableCommit> commits = new HashMap<>();
        operations.commits(call.caller()).forEach(commit -> commits.putIfAbsent(key(commit), commit));
        List<FeatureView> found = registry.readable(call.caller()).stream()
                .map(RegisteredView::view)
                .filter(view -> contains(view, wanted.toLowerCase(Locale.ROOT)))
                .toList();
        List<ViewRow> rows = found.stream()
                .limit(MAX_ROWS)
                .map(view -> new ViewRow(view, commits.get(key(view))))
                .toList();
        renderer.show(
                call, "views.jte", "Views", SECTION, Map.of("rows", rows, "wanted", wanted, "found", found.size()));
    }

    private static boolean contains(FeatureView view, String wanted) {
        return Stream.of(view.getName(), view.getOwner(), view.getDescription(), ViewRow.table(view))
                .anyMatch(text -> text.toLowerCase(Locale.ROOT).contains(wanted));
    }

    void show(Call call) {
        RegisteredView registered = registry.readable(call.caller(), call.path("name"));
        FeatureView view = registered.view();
        List<TableCommit> commits = operations.commits(call.caller()).stream()
                .filter(commit -> key(commit).equals(key(view)))
                .limit(MAX_COMMITS)
                .toList();
        List<StandingRetrieval> readers = standing.readable(call.caller()).stream()
                .filter(one -> one.getStatus() != StandingStatus.CANCELLED)
                .filter(one -> reads(one, view.getName()))
                .toList();
        renderer.show(
                call,
                "view.jte",
                view.getName(),
                SECTION,
                Map.of(
                        "view",
                        view,
                        "principal",
                        principal(registered),
                        "warnings",
                        warnings.of(view.getName(), view.getVersion()),
                        "commits",
                        commits,
                        "lags",
                        lags(commits),
                        "readers",
                        readers));
    }

    /// Who asked for the version; empty where nobody has to say who they are.
    private static String principal(RegisteredView view) {
        return view.principal().equals(Caller.ANONYMOUS) ? "" : view.principal();
    }

    /// Whether a standing retrieval reads a view, by its name or by an alias.
    static boolean reads(StandingRetrieval standing, String view) {
        Map<String, String> aliases = new HashMap<>();
        for (ViewUse use : standing.getRetrieval().getViews()) {
            aliases.put(use.getAlias() == null ? use.getView() : use.getAlias(), use.getView());
        }
        return standing.getRetrieval().getFeatures().stream()
                .map(feature -> feature.split(":", 2)[0])
                .anyMatch(name -> aliases.getOrDefault(name, name).equals(view));
    }

    /// The commits on a time line, each as high as its lag.
    private static Chart lags(List<TableCommit> commits) {
        List<TableCommit> inOrder = commits.reversed().stream()
                .filter(commit -> commit.getCommittedAt() != null)
                .toList();
        return Chart.timeline(
                "Lag",
                inOrder.stream()
                        .map(commit -> Objects.requireNonNull(commit.getCommittedAt()))
                        .toList(),
                inOrder.stream()
                        .map(commit -> Duration.between(
                                Objects.requireNonNull(commit.getCommittedAt()), commit.getObservedAt()))
                        .toList());
    }

    /// Names cannot have a NUL.
    private static String key(TableCommit commit) {
        return key(commit.getCatalog(), commit.getSchema$(), commit.getTableName(), commit.getRef());
    }

    private static String key(FeatureView view) {
        var source = view.getSource();
        return key(source.getCatalog(), source.getSchema$(), source.getTableName(), source.getRef());
    }

    private static String key(String catalog, String schema, String table, @Nullable String ref) {
        return String.join("\0", catalog, schema, table, ref == null ? "" : ref);
    }
}
