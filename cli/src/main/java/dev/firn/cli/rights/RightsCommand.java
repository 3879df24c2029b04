package dev.firn.cli.rights;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.firn.cli.command.CommandContext;
import dev.firn.cli.command.CommandFailure;
import dev.firn.cli.command.ConnectedCommand;
import dev.firn.cli.command.Connection;
import dev.firn.cli.command.ExitCode;
import dev.firn.cli.render.Json;
import dev.firn.cli.render.Plural;
import dev.firn.config.FirnConfig;
import dev.firn.config.Settings;
import dev.firn.embedded.StackUser;
import dev.firn.schemas.AccessRule.Role;
import dev.firn.schemas.Grants;
import dev.firn.schemas.Namespace;
import dev.firn.schemas.S3Policy;
import dev.firn.schemas.TrinoRules;
import java.time.Duration;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.common.acl.AclBinding;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

@Command(
        name = "rights",
        description =
                "Prints what a role needs: Kafka ACLs as commands for kafka-acls.sh, an IAM policy for S3, or rules"
                        + " for Trino's file-based access control.",
        subcommands = RightsCommand.Grant.class,
        footer = {
            "  firn rights --role retrieval-worker",
            "  firn rights --role consumer --principal User:jobs",
            "  firn rights --of s3 --role retrieval-worker",
            "  firn rights --of trino"
        })
public final class RightsCommand extends ConnectedCommand {
    @Option(
            names = "--role",
            paramLabel = "ROLE",
            description = "One of deployer, producer, consumer, operator, registration-service, retrieval-worker,"
                    + " gateway (default: all).")
    @Nullable
    private String role;

    @Option(
            names = "--principal",
            paramLabel = "PRINCIPAL",
            description = "Who gets the rights, such as User:jobs (default: User: and the role's name).")
    @Nullable
    private String principal;

    @Option(
            names = "--of",
            paramLabel = "SYSTEM",
            description = "kafka, s3 or trino (default: ${DEFAULT-VALUE}).",
            defaultValue = "kafka")
    private Guarded of = Guarded.KAFKA;

    /// What asks for rights.
    enum Guarded {
        KAFKA,
        S3,
        TRINO
    }

    RightsCommand(CommandContext context) {
        super(context);
    }

    /// Settings are enough: nothing has to run.
    @Override
    protected boolean usesEvents() {
        return false;
    }

    @Override
    protected ExitCode run() {
        FirnConfig config = connection.settings(context());
        switch (of) {
            case KAFKA -> kafka(config);
            case S3 -> s3(config);
            case TRINO ->
                console()
                        .answer(new TrinoRules(
                                        config.access().catalogs(),
                                        config.access().schemas())
                                .of(config.trino().user()));
        }
        return ExitCode.OK;
    }

    private void kafka(FirnConfig config) {
        Namespace namespace = new Namespace(config.namespace());
        List<AclBinding> acls = chosen().stream()
                .flatMap(chosen -> Grants.of(
                        namespace,
                        Map.of(chosen, List.of(principal == null ? "User:" + chosen.text() : principal)),
                        hintTopics(config))
                        .stream())
                .distinct()
                .toList();
        if (json) {
            ArrayNode all = Json.array();
            acls.forEach(acl -> all.add(asJson(acl)));
            console().answer(all);
        } else {
            acls.forEach(acl -> console().answer(AclCommand.of(acl)));
        }
    }

    private void s3(FirnConfig config) {
        if (role == null) {
            throw CommandFailure.usage("An IAM policy is for one role; name it with --role");
        }
        List<String> warehouses = Settings.catalogProperties(config).values().stream()
                .flatMap(catalog -> Optional.ofNullable(catalog.get("warehouse")).stream())
                .filter(warehouse -> warehouse.matches("s3[an]?://.*"))
                .toList();
        if (warehouses.isEmpty()) {
            console().note("No catalog has a warehouse on S3: add the folders of your tables to the policy.");
        }
        S3Policy policy = new S3Policy(
                new S3Policy.Places(
                        warehouses,
                        config.access().spineLocations(),
                        Settings.spinesLocation(config),
                        config.results().location(),
                        targets(config)),
                new Namespace(config.namespace()));
        console().answer(policy.of(roleNamed(role)));
    }

    /// Where catalogs put the tables of a schema, unless they are set up in another way.
    private static List<String> targets(FirnConfig config) {
        return config.access().targetSchemas().orElse(List.of()).stream()
                .flatMap(schema -> {
                    int dot = schema.indexOf('.');
                    return Optional.ofNullable(Settings.catalogProperties(config)
                                    .getOrDefault(schema.substring(0, dot), Map.of())
                                    .get("warehouse"))
                            .filter(warehouse -> warehouse.matches("s3[an]?://.*"))
                            .map(warehouse -> "%s/%s"
                                    .formatted(
                                            warehouse.replaceAll("/$", ""),
                                            schema.substring(dot + 1).replace('.', '/')))
                            .stream();
                })
                .toList();
    }

    private List<Role> chosen() {
        return role == null ? Arrays.asList(Role.values()) : List.of(roleNamed(role));
    }

    private static List<String> hintTopics(FirnConfig config) {
        return config.hints().sources().values().stream()
                .map(FirnConfig.HintSource::topic)
                .distinct()
                .sorted()
                .toList();
    }

    private static ObjectNode asJson(AclBinding acl) {
        return Json.object()
                .put("principal", acl.entry().principal())
                .put("operation", acl.entry().operation().name())
                .put("resource", acl.pattern().resourceType().name())
                .put("name", acl.pattern().name())
                .put("pattern", acl.pattern().patternType().name());
    }

    private static Role roleNamed(String name) {
        return Arrays.stream(Role.values())
                .filter(role -> role.text().equals(name))
                .findFirst()
                .orElseThrow(() -> CommandFailure.usage("Unknown role %s; there are %s"
                        .formatted(
                                name,
                                Arrays.stream(Role.values()).map(Role::text).collect(Collectors.joining(", ")))));
    }

    @Command(
            name = "grant",
            description = "Creates these ACLs on the cluster. Needs a principal that may ALTER the cluster.",
            footer = "  firn rights grant --to producer=User:jobs --to consumer=User:jobs")
    static final class Grant extends ConnectedCommand {
        private static final Duration ANSWER_TIMEOUT = Duration.ofSeconds(30);

        @Option(
                names = "--to",
                paramLabel = "ROLE=PRINCIPAL",
                description = "Gives a role to a principal, such as producer=User:jobs. Can be repeated (default: on"
                        + " an embedded stack each role's own user).")
        Map<String, String> to = new LinkedHashMap<>();

        Grant(CommandContext context) {
            super(context);
        }

        @Override
        protected StackUser user() {
            return StackUser.ADMIN;
        }

        @Override
        public ExitCode run() {
            if (to.isEmpty() && !connection.isStack(context())) {
                throw CommandFailure.usage("Name a role and a principal: --to producer=User:jobs");
            }
            Connection cluster = connect();
            Map<Role, List<String>> principals = to.isEmpty() ? StackRights.principals() : named();
            List<AclBinding> acls =
                    Grants.of(cluster.namespace(), principals, hintTopics(connection.settings(context())));
            try (Admin admin = cluster.admin()) {
                Grants.create(admin, acls, ANSWER_TIMEOUT);
            }
            if (json) {
                ArrayNode all = Json.array();
                acls.forEach(acl -> all.add(asJson(acl)));
                console().answer(all);
            } else {
                console().answer(Plural.of(acls.size(), "ACL") + " granted");
            }
            return ExitCode.OK;
        }

        private Map<Role, List<String>> named() {
            Map<Role, List<String>> principals = new EnumMap<>(Role.class);
            to.forEach((name, who) -> principals.put(roleNamed(name), List.of(who)));
            return principals;
        }
    }
}
