package dev.firn.cli.events;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.firn.cli.command.CommandContext;
import dev.firn.cli.command.ConnectedCommand;
import dev.firn.cli.command.Connection;
import dev.firn.cli.command.ExitCode;
import dev.firn.cli.render.Json;
import dev.firn.cli.render.Plural;
import dev.firn.cli.render.TextTable;
import dev.firn.config.FirnConfig;
import dev.firn.config.Settings;
import dev.firn.embedded.StackUser;
import dev.firn.schemas.SchemaRegistrar;
import dev.firn.schemas.TopicCatalogue;
import dev.firn.schemas.TopicCreator;
import dev.firn.schemas.TopicSpec;
import java.time.Duration;
import java.util.List;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.common.acl.AclOperation;
import picocli.CommandLine.Command;

@Command(
        name = "topics",
        description = "Shows Firn's topics.",
        subcommands = TopicsCommand.Create.class,
        footer = {"  firn topics", "  firn topics --json"})
public final class TopicsCommand extends ConnectedCommand {
    private static final Duration ANSWER_TIMEOUT = Duration.ofSeconds(30);

    TopicsCommand(CommandContext context) {
        super(context);
    }

    @Override
    protected ExitCode run() {
        TopicCatalogue catalogue = catalogue(connect());
        if (json) {
            ArrayNode all = Json.array();
            catalogue
                    .topics()
                    .forEach(spec -> all.add(Json.object()
                            .put("name", spec.name())
                            .put("partitions", spec.partitions())
                            .put("purpose", spec.topic().purpose())));
            console().answer(all);
        } else {
            TextTable table = new TextTable("topic", "partitions", "purpose").keepLastColumnWhole();
            for (TopicSpec spec : catalogue.topics()) {
                table.row(spec.name(), spec.partitions(), spec.topic().purpose());
            }
            console().answer(table);
        }
        return ExitCode.OK;
    }

    private static TopicCatalogue catalogue(Connection connection) {
        FirnConfig.Kafka kafka = connection.config().kafka();
        return TopicCatalogue.of(connection.namespace(), kafka.retrievalPartitions(), kafka.partitions());
    }

    @Command(
            name = "create",
            description = "Creates missing topics and registers the events' schemas. Existing topics are never"
                    + " changed; if one does not match, that is an error.",
            footer = {"  firn topics create", "  firn topics create --config cluster.properties"})
    static final class Create extends ConnectedCommand {
        Create(CommandContext context) {
            super(context);
        }

        @Override
        protected StackUser user() {
            return StackUser.DEPLOYER;
        }

        @Override
        public ExitCode run() {
            Connection connection = connect();
            TopicCatalogue catalogue = catalogue(connection);
            List<String> topics;
            List<String> subjects;
            try (Admin admin = connection.admin();
                    SchemaRegistrar registrar =
                            new SchemaRegistrar(Settings.schemaRegistryProperties(connection.config()))) {
                TopicCreator creator =
                        new TopicCreator(admin, connection.config().kafka().replicationFactor(), ANSWER_TIMEOUT);
                topics = connection.naming(AclOperation.CREATE, () -> creator.create(catalogue));
                subjects = registrar.register(catalogue);
            }
            if (json) {
                ObjectNode answer = Json.object();
                topics.forEach(answer.putArray("topics")::add);
                subjects.forEach(answer.putArray("subjects")::add);
                console().answer(answer);
            } else {
                topics.forEach(topic -> console().answer("created topic " + topic));
                subjects.forEach(subject -> console().answer("registered schema " + subject));
                console()
                        .note("%s created, %s registered."
                                .formatted(Plural.of(topics.size(), "topic"), Plural.of(subjects.size(), "schema")));
            }
            return ExitCode.OK;
        }
    }
}
