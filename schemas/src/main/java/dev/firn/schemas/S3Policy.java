package dev.firn.schemas;

import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/// The IAM policy of a role: the least that it needs on the object store, by prefix.
///
/// Services look for objects that may be absent. Without `s3:ListBucket` on the whole bucket, S3 answers 403 instead of
/// 404 then, and a condition on `s3:prefix` does not help: such a request has no prefix.
public final class S3Policy {
    private static final JsonMapper JSON = JsonMapper.builder().build();
    private static final String GET = "s3:GetObject";
    private static final String PUT = "s3:PutObject";
    private static final String DELETE = "s3:DeleteObject";
    private static final String ABORT = "s3:AbortMultipartUpload";

    private final Places places;
    private final Namespace namespace;

    /// Where a deployment's objects are, as `s3://bucket/prefix`.
    ///
    /// @param tables the warehouses of the catalogs
    /// @param spines `firn.access.spine-locations`
    /// @param storedSpines `firn.results.spines-location`
    /// @param results `firn.results.location`
    /// @param targets where the tables of `firn.access.target-schemas` are
    public record Places(
            List<String> tables, List<String> spines, String storedSpines, String results, List<String> targets) {
        public Places {
            targets = List.copyOf(targets);
            tables = List.copyOf(tables);
            spines = List.copyOf(spines);
        }
    }

    public S3Policy(Places places, Namespace namespace) {
        this.places = places;
        this.namespace = namespace;
    }

    private record Statement(String sid, List<String> actions, List<String> locations) {}

    /// The policy document; without statements if the role needs nothing.
    public ObjectNode of(AccessRule.Role role) {
        String results = namespace.resultsFolder(places.results());
        String storedSpines = namespace.folder(places.storedSpines());
        List<Statement> statements =
                switch (role) {
                    case DEPLOYER -> List.of();
                    case PRODUCER -> List.of(new Statement("Uploads", List.of(PUT, ABORT), uploads()));
                    case CONSUMER, OPERATOR -> List.of(new Statement("Results", List.of(GET), List.of(results)));
                    case REGISTRATION_SERVICE ->
                        List.of(
                                new Statement("Tables", List.of(GET), places.tables()),
                                new Statement("StoredRows", List.of(GET, PUT), List.of(storedSpines)));
                    case RETRIEVAL_WORKER ->
                        List.of(
                                new Statement("Tables", List.of(GET), places.tables()),
                                new Statement("Spines", List.of(GET), places.spines()),
                                new Statement("StoredRows", List.of(GET), List.of(storedSpines, gatewayUploads())),
                                new Statement("Results", List.of(GET, PUT, DELETE, ABORT), List.of(results)),
                                new Statement("Targets", List.of(GET, PUT, DELETE, ABORT), places.targets()));
                    case GATEWAY ->
                        List.of(
                                new Statement("Uploads", List.of(GET, PUT, DELETE, ABORT), List.of(gatewayUploads())),
                                new Statement("Results", List.of(GET), List.of(results)));
                };
        return document(
                role,
                statements.stream()
                        .filter(statement -> !statement.locations().isEmpty())
                        .toList());
    }

    /// The command line puts local spines there.
    private List<String> uploads() {
        return places.spines().stream()
                .limit(1)
                .map(location -> withoutSlash(location) + "/uploads")
                .toList();
    }

    /// Spines that came as bodies of calls, named by their content: `firn.results.spines-location` + `/uploads`.
    private String gatewayUploads() {
        return withoutSlash(places.storedSpines()) + "/uploads";
    }

    private static ObjectNode document(AccessRule.Role role, List<Statement> statements) {
        ObjectNode document = JSON.createObjectNode().put("Version", "2012-10-17");
        ArrayNode all = document.putArray("Statement");
        statements.forEach(statement -> all.add(objects(statement)));
        switch (role) {
            case DEPLOYER -> {}
            // a producer looks whether a file has been uploaded already
            case PRODUCER, CONSUMER, OPERATOR -> statements.forEach(statement -> all.add(listedPrefixes(statement)));
            case REGISTRATION_SERVICE, RETRIEVAL_WORKER, GATEWAY -> {
                if (!statements.isEmpty()) {
                    all.add(listedBuckets(statements));
                }
            }
        }
        // the sweeps of a worker and of a gateway abandon uploads that were never completed
        statements.stream()
                .filter(statement -> (role == AccessRule.Role.RETRIEVAL_WORKER
                                && statement.sid().equals("Results"))
                        || (role == AccessRule.Role.GATEWAY && statement.sid().equals("Uploads")))
                .map(swept -> statement("ListUploads", List.of("s3:ListBucketMultipartUploads"), buckets(swept)))
                .forEach(all::add);
        return document;
    }

    private static ObjectNode objects(Statement statement) {
        return statement(
                statement.sid(),
                statement.actions(),
                statement.locations().stream()
                        .map(location -> arn(location) + "/*")
                        .toList());
    }

    private static ObjectNode listedPrefixes(Statement statement) {
        ObjectNode node = statement("List" + statement.sid(), List.of("s3:ListBucket"), buckets(statement));
        ArrayNode prefixes = node.putObject("Condition").putObject("StringLike").putArray("s3:prefix");
        statement.locations().stream().map(location -> prefix(location) + "/*").forEach(prefixes::add);
        return node;
    }

    private static ObjectNode listedBuckets(List<Statement> statements) {
        List<String> buckets = new ArrayList<>();
        statements.forEach(statement -> buckets.addAll(buckets(statement)));
        return statement(
                "List", List.of("s3:ListBucket"), buckets.stream().distinct().toList());
    }

    private static List<String> buckets(Statement statement) {
        return statement.locations().stream()
                .map(location -> "arn:aws:s3:::" + bucket(location))
                .distinct()
                .toList();
    }

    private static ObjectNode statement(String sid, List<String> actions, List<String> resources) {
        ObjectNode node = JSON.createObjectNode().put("Sid", sid).put("Effect", "Allow");
        actions.forEach(node.putArray("Action")::add);
        resources.forEach(node.putArray("Resource")::add);
        return node;
    }

    private static String arn(String location) {
        return Stream.of("arn:aws:s3:::" + bucket(location), prefix(location))
                .filter(part -> !part.isEmpty())
                .reduce((bucket, prefix) -> bucket + "/" + prefix)
                .orElseThrow();
    }

    private static String bucket(String location) {
        return withoutScheme(location).split("/", 2)[0];
    }

    private static String prefix(String location) {
        String[] parts = withoutScheme(location).split("/", 2);
        return parts.length < 2 ? "" : withoutSlash(parts[1]);
    }

    /// A key may hold any character, so a location is no URI.
    private static String withoutScheme(String location) {
        return location.substring(location.indexOf("://") + "://".length());
    }

    private static String withoutSlash(String text) {
        return text.endsWith("/") ? text.substring(0, text.length() - 1) : text;
    }
}
