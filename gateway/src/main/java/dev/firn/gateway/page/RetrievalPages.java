package dev.firn.gateway.page;

import dev.firn.events.ResultColumn;
import dev.firn.events.RetrievalResult;
import dev.firn.events.RetrievalStatus;
import dev.firn.events.ViewOutcome;
import dev.firn.gateway.access.Caller;
import dev.firn.gateway.http.Call;
import dev.firn.gateway.http.Faults;
import dev.firn.gateway.problem.Refusal;
import dev.firn.gateway.retrieval.JsonValues;
import dev.firn.gateway.retrieval.Previews;
import dev.firn.gateway.retrieval.RecentRetrievals;
import dev.firn.gateway.retrieval.RetrievalCalls;
import dev.firn.lake.LakeException;
import dev.firn.schemas.Ids;
import dev.firn.schemas.RequestDigest;
import dev.firn.service.result.Manifest;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The retrievals that this gateway knows, and one by its id: how far it has come, or its result.
public final class RetrievalPages {
    /// The stages that progress and results name, in their order.
    public static final List<String> STAGES =
            List.of("resolve", "pin", "spine", "plan", "join", "gather", "write", "publish");

    private static final Logger log = LoggerFactory.getLogger(RetrievalPages.class);
    private static final Set<String> NUMBERS = Set.of("int", "long", "float", "double");
    public static final List<String> QUANTILES = List.of("p0", "p50", "p90", "p99", "p100");
    /// The most retrievals that the page lists.
    static final int MAX_ROWS = 200;

    private static final String SECTION = "retrievals";
    /// The part of the page that asks for itself while the retrieval runs.
    private static final String STATE = "state";
    private static final int PREVIEW_ROWS = 20;
    /// After that the page says that the retrieval runs, and follows it.
    private static final Duration CANCEL_WAIT = Duration.ofSeconds(10);

    private final Renderer renderer;
    private final RetrievalCalls retrievals;
    private final Previews previews;
    private final int previewRows;

    /// @param maxPreviewRows the most rows that a preview may have
    public RetrievalPages(Renderer renderer, RetrievalCalls retrievals, Previews previews, int maxPreviewRows) {
        this.renderer = renderer;
        this.retrievals = retrievals;
        this.previews = previews;
        this.previewRows = Math.min(PREVIEW_ROWS, maxPreviewRows);
    }

    /// Rows of a result, or why there are none.
    public record Preview(List<List<@Nullable Object>> rows, String fault) {}

    void list(Call call) {
        Optional<String> id = call.query("id").map(String::strip).filter(Ids::isRequestId);
        if (id.isPresent()) {
            PageCalls.redirect(call.http(), Links.retrieval(id.get()));
            return;
        }
        List<RecentRetrievals.Note> notes = retrievals.recent(call.caller());
        renderer.show(
                call,
                "retrievals.jte",
                "Retrievals",
                SECTION,
                Map.of("notes", notes.stream().limit(MAX_ROWS).toList(), "known", notes.size()));
    }

    void show(Call call) {
        String id = call.id("id");
        RetrievalCalls.Known known = retrievals.known(call.caller(), id);
        if (known.outcome().isPresent()) {
            if (Htmx.isFor(call.http(), STATE)) {
                // the page of a result has no such part
                Htmx.refresh(call.http());
            } else {
                show(call, known.outcome().get());
            }
            return;
        }
        Optional<RecentRetrievals.Ending> refusal = retrievals.recent(call.caller()).stream()
                .filter(note -> note.id().equals(id))
                .findFirst()
                .flatMap(RecentRetrievals.Note::ending);
        renderer.show(call, "progress.jte", id, SECTION, Map.of("id", id, "known", known, "refusal", refusal));
    }

    /// Cancels, and shows the retrieval again.
    void cancel(Call call) {
        String id = call.id("id");
        boolean isDecided = retrievals.cancelled(call, id, CANCEL_WAIT).isPresent();
        log.atDebug()
                .addKeyValue("requestId", id)
                .addKeyValue("isDecided", isDecided)
                .log("Cancelled by a page");
        PageCalls.redirect(call.http(), Links.retrieval(id));
    }

    private void show(Call call, Manifest outcome) {
        RetrievalResult result = outcome.result();
        boolean isSucceeded = result.getStatus() == RetrievalStatus.SUCCEEDED;
        renderer.show(
                call,
                "result.jte",
                result.getRequestId(),
                SECTION,
                Map.of(
                        "result",
                        result,
                        "askedBy",
                        askedBy(outcome, call.caller()),
                        "preview",
                        isSucceeded ? preview(result) : new Preview(List.of(), ""),
                        "ages",
                        ages(result),
                        "snippets",
                        isSucceeded ? Snippets.of(result) : Map.of()));
    }

    /// Who asked, as far as the caller may know it; else empty. Of an id that was cancelled the manifest names who
    /// cancelled it, and everybody may read that one.
    private static String askedBy(Manifest outcome, Caller caller) {
        String principal = outcome.principal();
        boolean isShown = !RequestDigest.isOfCancelledId(outcome.result())
                && !principal.equals(Caller.ANONYMOUS)
                && (caller.isAdministrator() || principal.equals(caller.principal()));
        return isShown ? principal : "";
    }

    /// The stages in the order in which they run.
    public static List<Map.Entry<String, Long>> stages(RetrievalResult result) {
        return result.getStageMillis().entrySet().stream()
                .sorted(Comparator.comparingInt(
                        stage -> STAGES.contains(stage.getKey()) ? STAGES.indexOf(stage.getKey()) : STAGES.size()))
                .toList();
    }

    /// Whether the values of a column are numbers, which stand at the right.
    public static boolean isNumber(ResultColumn column) {
        String type = column.getType();
        return NUMBERS.contains(type) || type.startsWith("decimal");
    }

    /// A value of a row.
    public static String text(Object value) {
        try {
            return JsonValues.text(value);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /// What a result says of itself is worth showing without its rows.
    private Preview preview(RetrievalResult result) {
        try {
            return new Preview(previews.rows(result, previewRows), "");
        } catch (Refusal | LakeException | IOException e) {
            return new Preview(List.of(), Faults.problem(e).detail());
        }
    }

    private static Chart ages(RetrievalResult result) {
        Map<String, Map<String, Long>> ages = new LinkedHashMap<>();
        for (ViewOutcome view : result.getViews()) {
            if (!view.getAgeQuantilesMicros().isEmpty()) {
                ages.put(view.getAlias(), view.getAgeQuantilesMicros());
            }
        }
        return Chart.quantiles(QUANTILES, ages);
    }
}
