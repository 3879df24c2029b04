package dev.firn.cli.command;

import dev.firn.config.FirnConfig;
import dev.firn.config.Settings;
import dev.firn.embedded.AttachedStack;
import dev.firn.embedded.EmbeddedStack;
import dev.firn.embedded.Part;
import dev.firn.embedded.StackException;
import dev.firn.embedded.StackUser;
import dev.firn.schemas.Namespace;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Option;

/// Where Firn runs: the cluster that flags or the environment name, or else the embedded stack on this machine.
public final class ConnectionOptions {
    private static final Set<String> CLUSTER_VARIABLES =
            Set.of("FIRN_KAFKA_BOOTSTRAP_SERVERS", "KAFKA_BOOTSTRAP_SERVERS", "FIRN_CONFIG");
    /// Variables that say what the command is to do, not where a cluster is.
    private static final List<String> OF_THE_COMMAND =
            List.of("FIRN_NAMESPACE", "FEAST_REPO_PATH", "FIRN_FEAST_REPO_FOLDER");

    private static final int LAST = 1000;
    private static final Set<String> COMMAND_PROPERTIES = Set.of("firn.home", "firn.stack");

    /// After the options of the command itself.
    @ArgGroup(validate = false, order = LAST, heading = "%nWhere Firn runs:%n")
    private Where where = new Where();

    private static final class Where {
        @Option(
                names = "--stack",
                paramLabel = "FOLDER",
                description = "Data folder of the embedded stack (default: FIRN_STACK, or .firn in the project).")
        @Nullable
        Path stack;

        @Option(
                names = "--bootstrap-servers",
                paramLabel = "HOST:PORT",
                description = "The cluster's Kafka brokers (default: KAFKA_BOOTSTRAP_SERVERS).")
        @Nullable
        String bootstrapServers;

        @Option(
                names = "--schema-registry",
                paramLabel = "URL",
                description = "The cluster's schema registry (default: SCHEMA_REGISTRY_URL).")
        @Nullable
        String schemaRegistry;

        @Option(
                names = "--namespace",
                paramLabel = "NAME",
                description = "Prefix of Firn's topics (default: FIRN_NAMESPACE, or firn).")
        @Nullable
        String namespace;

        @Option(
                names = "--config",
                paramLabel = "FILE",
                description = "File with settings, see docs/configuration.md (default: FIRN_CONFIG).")
        @Nullable
        Path config;

        @Option(
                names = "-D",
                paramLabel = "SETTING=VALUE",
                description = "A single setting, such as -Dfirn.trino.host=trino. Can be repeated.")
        Map<String, String> settings = new LinkedHashMap<>();
    }

    /// Whether a flag names a cluster.
    public boolean hasClusterFlags() {
        return where.bootstrapServers != null || where.schemaRegistry != null || where.config != null;
    }

    /// Uses the embedded stack in a folder, even if the environment names a cluster.
    public void useStack(Path folder) {
        where.stack = folder;
    }

    /// The data folder of the embedded stack, running or not.
    public Path stackFolder(CommandContext context) {
        if (where.stack != null) {
            return where.stack.toAbsolutePath().normalize();
        }
        String named = context.properties()
                .getOrDefault("firn.stack", context.environment().getOrDefault("FIRN_STACK", ""));
        return named.isEmpty()
                ? context.home().resolve(".firn")
                : Path.of(named).toAbsolutePath().normalize();
    }

    /// The arguments that start `firn up` in that folder with the same namespace and settings.
    public List<String> upArguments(Path folder) {
        List<String> arguments = new ArrayList<>(List.of("up", "--stack", folder.toString()));
        if (where.namespace != null) {
            arguments.addAll(List.of("--namespace", where.namespace));
        }
        where.settings.forEach((name, value) -> arguments.add("-D%s=%s".formatted(name, value)));
        return arguments;
    }

    /// @param user whom a secured broker of an embedded stack sees
    /// @throws CommandFailure if no cluster is named and no embedded stack is running
    public Connection connect(CommandContext context, StackUser user) {
        Map<String, String> flags = flags(context);
        if (!isStack(context)) {
            FirnConfig cluster = Settings.load(context.environment(), flags);
            return new Connection(cluster, "the cluster at " + cluster.kafka().bootstrapServers());
        }
        Path folder = stackFolder(context);
        AttachedStack running = find(folder)
                .filter(stack -> anyAlive(stack, context))
                .orElseThrow(() -> CommandFailure.notReachable(
                        "No embedded stack is running in %s. Start one with ./firn up, or name a cluster with --bootstrap-servers and --schema-registry (KAFKA_BOOTSTRAP_SERVERS, SCHEMA_REGISTRY_URL)."
                                .formatted(folder),
                        null));
        return new Connection(onStack(context, running, user), "the embedded stack in " + folder);
    }

    /// Firn's settings on an embedded stack. The command line takes precedence over the stack.
    public FirnConfig onStack(CommandContext context, AttachedStack running, StackUser user) {
        Map<String, String> environment = new LinkedHashMap<>();
        for (String name : OF_THE_COMMAND) {
            Optional.ofNullable(context.environment().get(name)).ifPresent(value -> environment.put(name, value));
        }
        return Settings.load(environment, propertiesOnStack(context, running, user));
    }

    /// The same settings by name. The namespace is included only if the command line gives one.
    public Map<String, String> propertiesOnStack(CommandContext context, AttachedStack running, StackUser user) {
        Map<String, String> properties = StackProperties.of(running.addresses(), running.folder(), user);
        Map<String, String> flags = flags(context);
        String namespace = flags.getOrDefault(
                "firn.namespace", context.environment().getOrDefault("FIRN_NAMESPACE", Namespace.DEFAULT.name()));
        properties.putAll(StackTopics.partitions(StackProperties.file(running.folder(), namespace)));
        properties.putAll(flags);
        return properties;
    }

    /// Whether commands talk to an embedded stack, because nothing names a cluster.
    public boolean isStack(CommandContext context) {
        return where.stack != null || !namesACluster(context, flags(context));
    }

    /// The settings of the cluster that is named, or of the embedded stack that was started here, running or not.
    public FirnConfig settings(CommandContext context) {
        if (!isStack(context)) {
            return Settings.load(context.environment(), flags(context));
        }
        return find(stackFolder(context))
                .map(known -> onStack(context, known, StackUser.CLIENT))
                .orElseGet(() -> Settings.load(context.environment(), flags(context)));
    }

    /// Whether any part of the stack is running. Notes those that are not. Asking each part whether it is healthy would
    /// take longer than most commands; `firn status` does.
    private static boolean anyAlive(AttachedStack stack, CommandContext context) {
        List<String> dead = stack.parts().stream()
                .filter(part -> !part.isAlive())
                .map(Part::name)
                .toList();
        if (dead.size() == stack.parts().size()) {
            return false;
        }
        if (!dead.isEmpty()) {
            context.console()
                    .note("firn: parts of the stack in %s are not running: %s"
                            .formatted(stack.folder(), String.join(", ", dead)));
        }
        return true;
    }

    /// The stack in the folder, if all its parts are healthy.
    public static Optional<AttachedStack> running(Path folder) {
        return find(folder).filter(AttachedStack::isHealthy);
    }

    /// The stack that was started in the folder, running or not.
    public static Optional<AttachedStack> find(Path folder) {
        try {
            return Optional.of(EmbeddedStack.attach(folder));
        } catch (StackException e) {
            if (e.code() == StackException.Code.NOT_FOUND) {
                return Optional.empty();
            }
            throw e;
        }
    }

    private Map<String, String> flags(CommandContext context) {
        Map<String, String> flags = new LinkedHashMap<>();
        context.properties().forEach((name, value) -> {
            if (name.startsWith("firn.") && !COMMAND_PROPERTIES.contains(name)) {
                flags.put(name, value);
            }
        });
        flags.putAll(where.settings);
        put(flags, "firn.kafka.bootstrap-servers", where.bootstrapServers);
        put(flags, "firn.schema-registry.url", where.schemaRegistry);
        put(flags, "firn.namespace", where.namespace);
        put(flags, "firn.config", where.config == null ? null : where.config.toString());
        return flags;
    }

    private static void put(Map<String, String> flags, String name, @Nullable String value) {
        if (value != null) {
            flags.put(name, value);
        }
    }

    private static boolean namesACluster(CommandContext context, Map<String, String> flags) {
        return flags.containsKey("firn.kafka.bootstrap-servers")
                || flags.containsKey("firn.config")
                || CLUSTER_VARIABLES.stream()
                        .anyMatch(name ->
                                !context.environment().getOrDefault(name, "").isEmpty());
    }
}
