package dev.firn.cli.demo;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.firn.cli.command.CommandContext;
import dev.firn.cli.command.CommandFailure;
import dev.firn.cli.command.ConnectedCommand;
import dev.firn.cli.command.ExitCode;
import dev.firn.cli.render.Json;
import dev.firn.cli.render.Plural;
import dev.firn.config.FirnConfig;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

@Command(
        name = "sample",
        description = "Creates sample tables in the schema gold of the running embedded stack, and prints the"
                + " SQL for them. Existing tables stay as they are.",
        footer = {"  firn sample", "  firn sample --scale sf1 --rows 100000"})
public final class SampleCommand extends ConnectedCommand {
    @Mixin
    SampleSize size = new SampleSize();

    SampleCommand(CommandContext context) {
        super(context);
    }

    @Override
    protected ExitCode run() {
        if (connection.hasClusterFlags()) {
            throw CommandFailure.usage("Samples go to the embedded stack only; leave out the cluster's addresses");
        }
        connection.useStack(connection.stackFolder(context()));
        FirnConfig config = connect().config();
        String url = "jdbc:trino://%s:%d"
                .formatted(config.trino().host(), config.trino().port());
        try (DemoTables tables =
                new DemoTables(url, config.trino().user(), config.trino().schema(), size.scale)) {
            tables.createSchema();
            ArrayNode created = Json.array();
            tables.creations(size.rows).forEach(creation -> create(tables, creation, created));
            if (json) {
                console().answer(created);
            } else {
                console().note("Next: ./firn register view.json, as README shows.");
            }
        }
        return ExitCode.OK;
    }

    private void create(DemoTables tables, DemoTables.Creation creation, ArrayNode created) {
        String name = tables.name(creation.table());
        boolean isNew = !tables.exists(creation.table());
        long size = isNew ? tables.create(creation) : tables.size(creation.table());
        if (json) {
            ObjectNode table = created.addObject();
            table.put("table", name).put("rows", size).put("created", isNew).put("sql", creation.sql());
            return;
        }
        if (isNew) {
            console().answer(creation.sql() + ";");
        }
        console().answer("-- %s%s: %s".formatted(name, isNew ? "" : " exists already", Plural.of(size, "row")));
        console().answer("");
    }
}
