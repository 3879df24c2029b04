package dev.firn.chaos.run;

import dev.firn.chaos.check.History;
import dev.firn.events.Fault;
import dev.firn.events.FeatureSpec;
import dev.firn.events.Pins;
import dev.firn.events.RegistrationRequest;
import dev.firn.events.RegistrationResult;
import dev.firn.events.RegistrationStatus;
import dev.firn.events.RetrievalRequest;
import dev.firn.events.RetrievalResult;
import dev.firn.events.RetrievalStatus;
import dev.firn.events.Spine;
import dev.firn.events.SpineKind;
import dev.firn.events.ViewUse;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/// Names, locations, sizes, pins and times that nobody means well: each request is refused, and no refusal blames Firn;
/// no log holds a secret.
final class HostileRequests implements Scenario {
    private static final int NIGHTLY_REQUESTS = 10_000;
    private static final int LONG = 100_000;

    private static final List<String> TEXTS = List.of(
            "",
            " ",
            "../../etc/passwd",
            "a\nb\r\nFORGED log line",
            "x".repeat(LONG),
            "\u202Eoverride",
            "'; DROP TABLE iceberg.gold.orders; --",
            "\"quoted\"",
            "${jndi:ldap://127.0.0.1/a}",
            "%s%n%d{}",
            "a\u0000b",
            "__internal__",
            "SELECT",
            "a".repeat(255) + ":" + "b".repeat(255),
            "\uD83E\uDD84");

    private static final List<String> LOCATIONS = List.of(
            "file:///etc/passwd",
            "http://127.0.0.1:1/x.csv",
            "s3://other-bucket/x.csv",
            "s3://lake/../lake/x.csv",
            "s3://lake",
            "s3:///",
            "classpath:logback.xml",
            "s3://lake/spines/" + "/".repeat(LONG));

    @Override
    public String fault() {
        return "hostile names, locations, sizes, pins and times";
    }

    @Override
    public Outcome run(ChaosRun run) {
        Outcome.Builder outcome = Outcome.of(fault());
        List<String> retrievals = new ArrayList<>();
        List<String> registrations = new ArrayList<>();
        int kinds = retrieval(run, "probe").size() + registration(run, "probe").size();
        int rounds = Math.max(1, run.plan.scaled(NIGHTLY_REQUESTS) / kinds);
        try (ServiceUnderTest worker = run.deployment.worker(WorkerKills.SLOTS)) {
            long began = System.nanoTime();
            for (int round = 0; round < rounds; round++) {
                for (RetrievalRequest request : retrieval(run, "hostile")) {
                    retrievals.add(request.getRequestId());
                    run.conversation.ask(request);
                }
                for (RegistrationRequest request : registration(run, "hostile")) {
                    registrations.add(request.getRequestId());
                    run.conversation.ask(request);
                }
            }
            run.conversation.awaitAnswers(retrievals);
            run.conversation.awaitAnswers(registrations);
            outcome.fired(retrievals.size() + registrations.size()).recovered(began);
            outcome.wrong(notRefused(run, retrievals, registrations));
            outcome.wrong(secretsInLogs(run));
            if (!worker.isAlive()) {
                outcome.wrong(List.of("the worker died"));
            }
        }
        retrievals.addAll(registrations);
        History history = run.conversation.history(retrievals);
        return outcome.build(history);
    }

    private static List<RetrievalRequest> retrieval(ChaosRun run, String prefix) {
        List<RetrievalRequest> requests = new ArrayList<>();
        for (String text : TEXTS) {
            requests.add(rows(run, prefix).setFeatures(List.of(text)).build());
            requests.add(rows(run, prefix).setFeatures(List.of(text + ":value")).build());
            requests.add(rows(run, prefix)
                    .setViews(List.of(
                            ViewUse.newBuilder().setView(text).setAlias("other").build()))
                    .setFeatures(List.of("other:value"))
                    .build());
            requests.add(rows(run, prefix)
                    .setSpine(spine().setTimestampColumn(text + "?").build())
                    .build());
            requests.add(rows(run, prefix)
                    .setSpine(spine().setTimestampZone(text + "?").build())
                    .build());
            requests.add(rows(run, prefix)
                    .setSpine(spine().setRows(List.of(List.of("1", text + "?"))).build())
                    .build());
            requests.add(rows(run, prefix).setPinsLocation(text + "?").build());
        }
        for (String location : LOCATIONS) {
            requests.add(rows(run, prefix)
                    .setSpine(Spine.newBuilder()
                            .setKind(SpineKind.CSV)
                            .setLocations(List.of(location))
                            .build())
                    .build());
            requests.add(rows(run, prefix).setPinsLocation(location).build());
        }
        requests.add(rows(run, prefix)
                .setPins(Pins.newBuilder()
                        .setAsOf(Instant.ofEpochSecond(-1_000_000_000L))
                        .setViews(List.of())
                        .build())
                .build());
        return requests;
    }

    private static RetrievalRequest.Builder rows(ChaosRun run, String prefix) {
        return RetrievalRequest.newBuilder()
                .setRequestId(run.id(prefix))
                .setSpine(spine().build())
                .setFeatures(List.of(ChaosRun.VIEW + ":value"));
    }

    private static Spine.Builder spine() {
        return Spine.newBuilder()
                .setKind(SpineKind.ROWS)
                .setColumns(List.of("id", "event_timestamp"))
                .setRows(List.of(List.of("1", "2026-02-01T00:00:00Z")));
    }

    private static List<RegistrationRequest> registration(ChaosRun run, String prefix) {
        List<RegistrationRequest> requests = new ArrayList<>();
        for (String text : TEXTS) {
            requests.add(
                    run.view(run.id(prefix), text + "?", ChaosRun.VIEW, "value").build());
            requests.add(run.view(run.id(prefix), "hostile_table", text + "?", "value")
                    .build());
            requests.add(run.view(run.id(prefix), "hostile_feature", ChaosRun.VIEW, text + "?")
                    .build());
            requests.add(run.view(run.id(prefix), "hostile_type", ChaosRun.VIEW, "value")
                    .setFeatures(List.of(FeatureSpec.newBuilder()
                            .setName("value")
                            .setDtype(text)
                            .build()))
                    .build());
            requests.add(run.view(run.id(prefix), "hostile_key", ChaosRun.VIEW, "value")
                    .setEntities(List.of(text + "?"))
                    .build());
        }
        return requests;
    }

    private static List<String> notRefused(ChaosRun run, List<String> retrievals, List<String> registrations) {
        List<String> problems = new ArrayList<>();
        for (String id : retrievals) {
            RetrievalResult result = run.conversation.retrieval(id).orElseThrow();
            if (result.getStatus() != RetrievalStatus.FAILED || result.getFault() == Fault.SERVICE) {
                problems.add(cut("'%s' is %s, the fault of %s: %s %s"
                        .formatted(id, result.getStatus(), result.getFault(), result.getCode(), result.getMessage())));
            }
        }
        for (String id : registrations) {
            RegistrationResult result = run.conversation.registration(id).orElseThrow();
            if (result.getStatus() != RegistrationStatus.REJECTED) {
                problems.add(cut("'%s' is %s: %s".formatted(id, result.getStatus(), result.getMessage())));
            }
        }
        return problems;
    }

    private static String cut(String problem) {
        String printable = problem.replaceAll("\\p{Cntrl}", "?");
        return printable.length() <= 300 ? printable : printable.substring(0, 300) + "…";
    }

    /// Requests cause messages of clients and libraries, which may hold what a client was made with.
    private static List<String> secretsInLogs(ChaosRun run) {
        String secret = run.deployment.stack.addresses().secretKey();
        try (Stream<Path> logs = Files.list(Deployment.LOGS)) {
            List<String> problems = new ArrayList<>();
            for (Path log : logs.toList()) {
                if (Files.readString(log).contains(secret)) {
                    problems.add("%s holds the key of the store".formatted(log));
                }
            }
            return problems;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
