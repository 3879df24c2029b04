package dev.firn.schemas;

import java.util.Objects;
import java.util.regex.Pattern;

/// The name that keeps deployments on one cluster apart. All names that could clash are derived from it: topics, the
/// Streams application, groups, client ids, the folder of the results and the state folder.
///
/// Letters and digits in groups joined by single `.`, `_` or `-`, at most 64 characters: valid as a prefix of topics,
/// as a path segment on S3 and as a folder name.
public record Namespace(String name) {
    private static final Pattern VALID = Pattern.compile("[A-Za-z0-9]+(?:[._-][A-Za-z0-9]+)*");

    /// The namespace of deployments that do not set one.
    public static final Namespace DEFAULT = new Namespace("firn");

    /// Longest name; the longest topic then stays far below Kafka's 249 characters.
    public static final int MAX_LENGTH = 64;

    public Namespace {
        Objects.requireNonNull(name, "name");
        if (name.length() > MAX_LENGTH || !VALID.matcher(name).matches()) {
            throw new IllegalArgumentException("[namespace " + name
                    + "] expected letters and digits in groups joined by single '.', '_' or '-', at most " + MAX_LENGTH
                    + " characters");
        }
    }

    /// `firn.feature-views` for `feature-views`.
    public String topic(Topic topic) {
        return qualified(topic.simpleName());
    }

    /// Application id of the registration service; the prefix of its changelogs and its consumer group.
    public String applicationId() {
        return qualified("registration-service");
    }

    /// Consumer group in which retrieval workers share people's requests.
    public String requestsGroupId() {
        return qualified("retrieval-worker");
    }

    /// Consumer group in which retrieval workers share the runs of standing retrievals.
    public String runsGroupId() {
        return qualified("retrieval-worker-runs");
    }

    /// Consumer group in which retrieval workers share the commands about retrievals.
    public String commandsGroupId() {
        return qualified("retrieval-worker-commands");
    }

    /// Prefix of the consumer groups of people's programs, which Firn's own groups do not have.
    public String clientGroupPrefix() {
        return qualified("client-");
    }

    /// Client id for the broker's logs and quotas.
    public String clientId(String role, String instance) {
        return qualified(segment(role)) + "." + segment(instance);
    }

    /// The folder below the results location, without a trailing slash: `s3://lake/results/firn`.
    public String resultsFolder(String resultsLocation) {
        return folder(resultsLocation);
    }

    /// The deployment's folder below a location that several deployments share, without a trailing slash.
    public String folder(String location) {
        String base = location;
        while (base.endsWith("/")) {
            base = base.substring(0, base.length() - 1);
        }
        return base + "/" + name;
    }

    /// Name of the folder below the state location.
    public String stateFolderName() {
        return name;
    }

    private String qualified(String rest) {
        return name + "." + rest;
    }

    private static String segment(String text) {
        if (!VALID.matcher(text).matches()) {
            throw new IllegalArgumentException(
                    "[" + text + "] expected letters and digits in groups joined by single '.', '_' or '-'");
        }
        return text;
    }

    @Override
    public String toString() {
        return name;
    }
}
