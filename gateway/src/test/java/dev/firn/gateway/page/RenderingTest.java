package dev.firn.gateway.page;

import static org.assertj.core.api.Assertions.assertThat;

import dev.firn.config.Settings;
import dev.firn.events.FeatureView;
import dev.firn.events.RetrievalProgress;
import dev.firn.events.RetrievalResult;
import dev.firn.events.RetrievalStatus;
import dev.firn.events.StandingRetrieval;
import dev.firn.events.TableCommit;
import dev.firn.events.Violation;
import dev.firn.gateway.access.Callers;
import dev.firn.gateway.operation.DeadLetterNote;
import dev.firn.gateway.problem.Problem;
import dev.firn.gateway.retrieval.RecentRetrievals;
import dev.firn.gateway.retrieval.RetrievalCalls;
import dev.firn.schemas.Code;
import dev.firn.schemas.DeadLetter;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Names may be anything: they stay text.
final class RenderingTest {
    private static final Instant NOW = Instant.parse("2026-01-02T04:04:05Z");
    private static final Pattern TAG = Pattern.compile("<(/?[a-zA-Z!][^\\s>]*)((?:[^>\"']|\"[^\"]*\"|'[^']*')*)>");
    private static final Pattern ATTRIBUTE = Pattern.compile("([^\\s=\"'/]+)(?:=(\"[^\"]*\"|'[^']*'))?");
    private static final Pattern ADDRESS =
            Pattern.compile("(?:href|src|action|hx-get|sse-connect)=[\"']([^\"']*)[\"']");

    private final Renderer renderer = new Renderer(
            Callers.of(Settings.load(Map.of(), Map.of()).gateway()), "test", Clock.fixed(NOW, ZoneOffset.UTC));

    /// Every page, with a text wherever one may be.
    private Map<String, String> pages(String text) {
        Frame frame = new Frame(text, "views", text, text, NOW);
        FeatureView view = Filled.of(FeatureView.class, text);
        TableCommit commit = Filled.of(TableCommit.class, text);
        StandingRetrieval standing = Filled.of(StandingRetrieval.class, text);
        RetrievalProgress progress = Filled.of(RetrievalProgress.class, text);
        RetrievalResult result = Filled.of(RetrievalResult.class, text);
        RecentRetrievals.Ending failed = new RecentRetrievals.Ending(RetrievalStatus.FAILED, text, text, 0, 7, 1);
        List<RecentRetrievals.Note> notes = List.of(
                new RecentRetrievals.Note(text, text, NOW, Optional.of(progress), Optional.empty()),
                new RecentRetrievals.Note(text, "", NOW, Optional.empty(), Optional.of(failed)),
                new RecentRetrievals.Note(text, "", NOW, Optional.empty(), Optional.empty()));
        Chart chart = Chart.quantiles(RetrievalPages.QUANTILES, Map.of(text, Map.of("p50", 7L)));
        RetrievalCalls.Known known =
                new RetrievalCalls.Known(Optional.empty(), OptionalInt.of(2), Optional.of(progress), true);

        Map<String, String> pages = new LinkedHashMap<>();
        Map<String, Map<String, Object>> all = Map.of(
                "views.jte",
                Map.of("rows", List.of(new ViewRow(view, commit)), "wanted", text, "found", 1),
                "view.jte",
                Map.of(
                        "view", view,
                        "principal", text,
                        "warnings", Optional.of(List.of(Filled.of(Violation.class, text))),
                        "commits", List.of(commit),
                        "lags", Chart.timeline(text, List.of(NOW, NOW), List.of(Duration.ZERO, Duration.ZERO)),
                        "readers", List.of(standing)),
                "retrievals.jte",
                Map.of("notes", notes, "known", 3),
                "progress.jte",
                Map.of("id", text, "known", known, "refusal", Optional.of(failed)),
                "result.jte",
                Map.of(
                        "result",
                        result,
                        "askedBy",
                        text,
                        "preview",
                        new RetrievalPages.Preview(List.of(List.of(text)), ""),
                        "ages",
                        chart,
                        "snippets",
                        Snippets.of(result)),
                "standing.jte",
                Map.of("rows", List.of(standing), "found", 1),
                "standing-one.jte",
                Map.of("standing", standing, "runs", notes, "definition", text),
                "dead-letters.jte",
                Map.of(
                        "notes",
                        List.of(new DeadLetterNote(0, 1, NOW, text, 7, new DeadLetter(text, 0, 1, text, text))),
                        "known",
                        1),
                "problem.jte",
                Map.of("problem", new Problem(422, Code.REFUSED, text, List.of(Filled.of(Violation.class, text)))),
                "sign-in.jte",
                Map.of("fault", text, "next", text));
        all.forEach((template, parameters) -> pages.put(template, renderer.html(template, frame, parameters)));
        pages.put(
                "progress.jte, running",
                renderer.html("progress.jte", frame, Map.of("id", text, "known", known, "refusal", Optional.empty())));
        return pages;
    }

    /// The tags of a page with the names of their attributes.
    private static List<String> structure(String html) {
        return TAG.matcher(html)
                .results()
                .map(tag -> tag.group(1)
                        + ATTRIBUTE
                                .matcher(tag.group(2))
                                .results()
                                .map(attribute -> " " + attribute.group(1))
                                .toList())
                .toList();
    }

    /// Its stream ends at once, and the page would load itself again and again.
    @Test
    void whatWasRefusedBeforeItRanIsNotFollowed() {
        assertThat(pages("a").get("progress.jte")).doesNotContain("sse-connect");
        assertThat(pages("a").get("progress.jte, running"))
                .contains("sse-connect=\"/retrievals/a/events\"")
                .contains("sse:Gap");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "<script>alert(1)</script>",
                "\"><img src=x onerror=alert(1)>",
                "' onmouseover='alert(1)",
                "javascript:alert(1)",
                "</title></textarea><svg/onload=alert(1)>",
                "\u202Eevil\u2066\u0000",
                "${7*7}@`#{x}`!{y;}",
                "//evil.example/x",
                "&lt;b&gt;",
            })
    void hostileNamesStayText(String hostile) {
        Map<String, String> plain = pages("plain");
        pages(hostile).forEach((template, html) -> {
            assertThat(structure(html)).as(template).isEqualTo(structure(plain.getOrDefault(template, "")));
            assertThat(ADDRESS.matcher(html).results().map(found -> found.group(1)))
                    .as(template)
                    .allMatch(address -> address.matches("[/#](?!/).*"));
        });
    }

    @Test
    void veryLongNamesAreShownWhole() {
        String longest = "x".repeat(300);
        pages(longest).forEach((template, html) -> {
            assertThat(html).as(template).contains(longest);
            assertThat(structure(html))
                    .as(template)
                    .isEqualTo(structure(pages("plain").getOrDefault(template, "")));
        });
    }

    /// The policy of the pages forbids both.
    @Test
    void noPageHasScriptsOrStylesOfItsOwn() {
        pages("plain").forEach((template, html) -> {
            List<MatchResult> tags = TAG.matcher(html).results().toList();
            assertThat(tags)
                    .as(template)
                    .noneMatch(tag -> tag.group(1).equals("style"))
                    .allMatch(tag ->
                            !tag.group(1).equals("script") || tag.group(2).contains("src=\"/ui/"));
            assertThat(structure(html)).as(template).noneMatch(tag -> tag.contains(" style") || tag.contains(" on"));
        });
    }
}
