package dev.firn.cli.feast;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.firn.cli.command.CommandContext;
import dev.firn.cli.command.CommandFailure;
import dev.firn.cli.command.ConnectedCommand;
import dev.firn.cli.command.Connection;
import dev.firn.cli.command.ExitCode;
import dev.firn.cli.render.Json;
import dev.firn.cli.render.Plural;
import dev.firn.cli.view.ViewsCommand;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(
        name = "init",
        description = {
            "Writes a Feast repository that reads through Firn: feature_store.yaml, and the registered views as definitions"
                    + " in firn_views.py.",
            "Run it again when views have changed. Files that it did not write, or that were edited"
                    + " since, stay as they are. Whatever Feast cannot express is printed, and noted in"
                    + " comments. Needs the package firn[feast]."
        },
        footer = {"  firn feast init", "  firn feast init /tmp/feast_repo --project asgard_features"})
final class FeastInitCommand extends ConnectedCommand {
    private static final Pattern PROJECT = Pattern.compile("[A-Za-z0-9][A-Za-z0-9_]*");
    private static final Pattern URL = Pattern.compile("https?://[^\\s\"'\\\\$]+");

    @Parameters(
            arity = "0..1",
            paramLabel = "FOLDER",
            description = "The repository (default: FEAST_REPO_PATH, the setting firn.feast.repo-folder).")
    @Nullable
    Path folder;

    @Option(
            names = "--project",
            paramLabel = "NAME",
            description = "The project in feature_store.yaml (default: the namespace).")
    @Nullable
    String project;

    @Option(
            names = "--url",
            paramLabel = "URL",
            description = "The gateway's address (default: FIRN_GATEWAY_URL; without it, the package firn looks"
                    + " for one).")
    @Nullable
    String url;

    @Option(names = "--force", description = "Overwrites files that somebody else wrote or edited.")
    boolean force;

    FeastInitCommand(CommandContext context) {
        super(context);
    }

    @Override
    protected ExitCode run() {
        Connection connected = connect();
        String yaml = FeatureStoreYaml.text(projectName(connected), gateway());
        FeastRepository repository =
                FeastRepository.of(ViewsCommand.read(connected).values());
        Path into = (folder == null ? connected.config().feast().repoFolder() : folder)
                .toAbsolutePath()
                .normalize();
        Map<Path, String> states = write(into, yaml, repository.python());
        report(into, states, repository);
        return states.containsValue("kept") ? ExitCode.REFUSED : ExitCode.OK;
    }

    private String projectName(Connection connected) {
        String name = project == null ? connected.config().namespace().replaceAll("[^A-Za-z0-9_]", "_") : project;
        if (!PROJECT.matcher(name).matches()) {
            throw CommandFailure.usage(
                    "Feast's project must have only letters, digits and underscores, and start with a letter or digit: use --project");
        }
        return name;
    }

    private String gateway() {
        String found = url == null ? context().environment().getOrDefault("FIRN_GATEWAY_URL", "") : url;
        if (!found.isEmpty() && !URL.matcher(found).matches()) {
            throw CommandFailure.usage(
                    "The gateway's URL must begin with http:// or https://, and have no blanks, quotes or $");
        }
        return found;
    }

    /// What became of each file.
    private Map<Path, String> write(Path into, String yaml, String views) {
        Map<Path, String> states = new LinkedHashMap<>();
        try {
            Files.createDirectories(into);
            for (GeneratedFile file : List.of(
                    new GeneratedFile(into.resolve("feature_store.yaml"), yaml),
                    new GeneratedFile(into.resolve("firn_views.py"), views))) {
                states.put(file.path(), written(file));
            }
            return states;
        } catch (IOException e) {
            throw new CommandFailure(
                    ExitCode.USAGE, "Cannot write to %s: %s".formatted(into, CommandContext.reason(e)), e);
        }
    }

    private String written(GeneratedFile file) throws IOException {
        GeneratedFile.State state = file.state();
        if (state == GeneratedFile.State.CURRENT) {
            return "unchanged";
        }
        if (state == GeneratedFile.State.FOREIGN && !force) {
            return "kept";
        }
        file.write();
        return "written";
    }

    private void report(Path into, Map<Path, String> states, FeastRepository repository) {
        if (json) {
            ObjectNode answer = Json.object().put("folder", into.toString()).put("views", repository.views());
            ObjectNode files = answer.putObject("files");
            states.forEach((file, state) -> files.put(String.valueOf(file.getFileName()), state));
            ArrayNode all = answer.putArray("notes");
            repository.notes().forEach(all::add);
            console().answer(answer);
        } else {
            states.forEach((file, state) ->
                    console().answer("%-9s %s".formatted(state.toLowerCase(Locale.ROOT), file)));
            console().answer("%s. Next: cd %s && feast apply".formatted(Plural.of(repository.views(), "view"), into));
            repository.notes().forEach(note -> console().note("  " + note));
        }
        if (states.containsValue("kept")) {
            console().note("Somebody else wrote or edited the files that were kept. --force overwrites them.");
        }
    }
}
