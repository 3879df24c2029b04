package dev.firn.chaos.run;

import dev.firn.chaos.check.StoreChecks;
import dev.firn.embedded.StackAddresses;
import dev.firn.events.FeatureSpec;
import dev.firn.events.RegistrationAction;
import dev.firn.events.RegistrationRequest;
import dev.firn.events.RegistrationStatus;
import dev.firn.events.RetrievalRequest;
import dev.firn.events.RetrievalResult;
import dev.firn.events.RetrievalStatus;
import dev.firn.events.Spine;
import dev.firn.events.SpineKind;
import dev.firn.events.TableSource;
import dev.firn.schemas.EventClasses;
import dev.firn.testkit.TestStack;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.concurrent.atomic.AtomicInteger;

/// What scenarios share: a deployment with its registration service, two tables and their views, and a
/// conversation.
final class ChaosRun implements AutoCloseable {
    static final String VIEW = "facts";
    /// The view of the table whose reads a scenario may hold.
    static final String HELD_VIEW = "held";

    static final int ROWS = 2_000;
    private static final int SPINE_ROWS = 50;
    private static final int MAX_FILE_BYTES = 64 << 20;

    final ChaosPlan plan;
    final Deployment deployment;
    final Conversation conversation;
    final SplittableRandom random;
    final String schema;
    private final AtomicInteger ids = new AtomicInteger();
    private ServiceUnderTest registration;

    ChaosRun(ChaosPlan plan, TestStack stack) {
        this(plan, stack, ResultStoreAddress.of(stack.addresses()));
    }

    /// @param results where spines and results lie
    ChaosRun(ChaosPlan plan, TestStack stack, ResultStoreAddress results) {
        EventClasses.trust();
        this.plan = plan;
        this.random = new SplittableRandom(plan.seed());
        this.deployment = new Deployment(stack, results);
        this.schema = stack.trino().newSchema();
        this.registration = deployment.registrationService();
        registration.awaitReady();
        this.conversation = new Conversation(deployment);
        for (String table : List.of(VIEW, HELD_VIEW)) {
            createTable(table);
            String id = id("setup");
            conversation.ask(view(id, table, table, "value").build());
            conversation.awaitAnswers(List.of(id));
            RegistrationStatus status =
                    conversation.registration(id).orElseThrow().getStatus();
            if (status != RegistrationStatus.REGISTERED) {
                throw new AssertionError(conversation.registration(id));
            }
        }
    }

    /// A table that no answer about Trino was kept of, so that a registration of it must ask.
    String newTable() {
        String table = id("table").replace('-', '_');
        createTable(table);
        return table;
    }

    private void createTable(String table) {
        deployment
                .stack
                .trino()
                .execute(
                        "CREATE TABLE iceberg.%s.%s (id bigint, event timestamp(6) with time zone, value integer)"
                                .formatted(schema, table),
                        ("INSERT INTO iceberg.%s.%s SELECT n, TIMESTAMP '2026-01-01 00:00:00 UTC', CAST(n AS integer)"
                                        + " FROM UNNEST(sequence(1, %d)) AS s(n)")
                                .formatted(schema, table, ROWS));
    }

    /// A new id.
    String id(String prefix) {
        return prefix + "-" + ids.incrementAndGet();
    }

    ServiceUnderTest registration() {
        return registration;
    }

    void restartRegistration() {
        registration = deployment.registrationService();
    }

    RegistrationRequest.Builder view(String id, String name, String table, String feature) {
        return view(id, name, table, feature, "int32");
    }

    RegistrationRequest.Builder view(String id, String name, String table, String feature, String dtype) {
        return RegistrationRequest.newBuilder()
                .setRequestId(id)
                .setAction(RegistrationAction.REGISTER)
                .setName(name)
                .setEntities(List.of("id"))
                .setFeatures(List.of(FeatureSpec.newBuilder()
                        .setName(feature)
                        .setDtype(dtype)
                        .build()))
                .setSource(TableSource.newBuilder()
                        .setCatalog(StackAddresses.CATALOG)
                        .setSchema$(schema)
                        .setTableName(table)
                        .setTimestampField("event")
                        .build());
    }

    /// A retrieval with a spine of its own on S3, named after the id.
    RetrievalRequest.Builder retrieval(String id, String view) {
        return retrieval(id, view, SPINE_ROWS);
    }

    RetrievalRequest.Builder retrieval(String id, String view, int spineRows) {
        return retrieval(id, view, spineRows, ROWS);
    }

    RetrievalRequest.Builder retrieval(String id, String view, int spineRows, int keys) {
        StringBuilder rows = new StringBuilder("id,event_timestamp\n");
        for (int i = 0; i < spineRows; i++) {
            rows.append(1 + random.nextInt(keys)).append(",2026-02-01T00:00:00Z\n");
        }
        String spine = "%s/%s.csv".formatted(deployment.spines(), id);
        deployment.storage.putIfAbsent(spine, rows.toString().getBytes(StandardCharsets.UTF_8));
        return RetrievalRequest.newBuilder()
                .setRequestId(id)
                .setSpine(Spine.newBuilder()
                        .setKind(SpineKind.CSV)
                        .setLocations(List.of(spine))
                        .build())
                .setFeatures(List.of(view + ":value"));
    }

    /// Waits for a retrieval in each partition, sent now: whoever has it has answered all that came before.
    void awaitAllPartitions() {
        List<String> sent = new ArrayList<>();
        for (int partition = 0; partition < Deployment.PARTITIONS; partition++) {
            sent.add(id("last"));
            conversation.ask(retrieval(sent.getLast(), VIEW).build(), partition);
        }
        conversation.awaitAnswers(sent);
    }

    /// Registrations that were refused, though nothing is wrong with them.
    List<String> notRegistered(Collection<String> ids) {
        return ids.stream()
                .map(id -> conversation.registration(id).orElseThrow())
                .filter(result -> result.getStatus() != RegistrationStatus.REGISTERED
                        && result.getStatus() != RegistrationStatus.UPDATED)
                .map(result ->
                        "'%s' is %s: %s".formatted(result.getRequestId(), result.getStatus(), result.getMessage()))
                .toList();
    }

    /// What is wrong with the results of these requests as they lie in the store: manifests that were decided
    /// more than once, files that are not as their manifest says, failures, and content that an undisturbed
    /// run does not give.
    ///
    /// Needs a worker, and must not be called before all late writes are applied.
    List<String> wrongResults(Map<String, RetrievalRequest> requests) {
        List<String> problems = new ArrayList<>(StoreChecks.manifestsNotDecidedOnce(deployment.store.writes()));
        Map<String, String> digests = new HashMap<>();
        Map<String, String> again = new HashMap<>();
        requests.forEach((id, request) -> {
            RetrievalResult result = conversation.retrieval(id).orElseThrow();
            if (result.getStatus() != RetrievalStatus.SUCCEEDED) {
                problems.add("'%s' failed: %s %s".formatted(id, result.getCode(), result.getMessage()));
                return;
            }
            problems.addAll(filesNotAsInManifest(result));
            digests.put(id, result.getContentDigest());
            again.put(id, id("undisturbed"));
            conversation.ask(RetrievalRequest.newBuilder(request)
                    .setRequestId(again.get(id))
                    .setPinsLocation(result.getManifestLocation())
                    .build());
        });
        conversation.awaitAnswers(again.values());
        Map<String, String> undisturbed = new HashMap<>();
        again.forEach((id, other) ->
                undisturbed.put(id, conversation.retrieval(other).orElseThrow().getContentDigest()));
        problems.addAll(StoreChecks.wrongContent(digests, undisturbed));
        return problems;
    }

    private List<String> filesNotAsInManifest(RetrievalResult result) {
        List<StoreChecks.File> named = result.getFiles().stream()
                .map(file -> new StoreChecks.File(file.getLocation(), file.getBytes(), file.getChecksum()))
                .toList();
        List<StoreChecks.File> found = deployment.storage.list(result.getLocation()).stream()
                .map(file -> new StoreChecks.File(file.location(), file.bytes(), sha256(file.location())))
                .toList();
        return StoreChecks.filesNotAsInManifest(result.getRequestId(), named, found);
    }

    private String sha256(String location) {
        try {
            return HexFormat.of()
                    .formatHex(MessageDigest.getInstance("SHA-256")
                            .digest(deployment.storage.read(location, MAX_FILE_BYTES)));
        } catch (NoSuchAlgorithmException e) {
            throw new AssertionError(e);
        }
    }

    /// The outcome of a scenario over these ids.
    Outcome outcome(Outcome.Builder builder, Collection<String> asked) {
        return builder.build(conversation.history(asked));
    }

    @Override
    public void close() {
        deployment.heal();
        registration.close();
        conversation.close();
        deployment.close();
    }
}
