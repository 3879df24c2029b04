package dev.firn.cli;

import dev.firn.cli.command.CommandContext;
import dev.firn.cli.command.NameCandidates;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import picocli.AutoComplete;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

@Command(
        name = "completion",
        description = {
            "Prints a completion script for bash and zsh. Load it with: source <(./firn completion)",
            "It completes commands, options, and the names of views, requests and standing retrievals."
        },
        footerHeading = "%nExamples:%n",
        footer = {"  source <(./firn completion)", "  firn completion > ~/.local/share/bash-completion/completions/firn"
        },
        mixinStandardHelpOptions = true)
final class CompletionCommand implements Runnable {
    /// Asks the command that is being completed, at the Firn that its line names, and only when a name can stand here:
    /// not for an option, and for an option's value only behind that option.
    private static final String NAMES = """
            function _firn_names() {
              local i where=()
              case ${COMP_WORDS[COMP_CWORD]} in -*) return ;; esac
              [ $# -lt 2 ] || [ "${COMP_WORDS[COMP_CWORD - 1]}" = "$2" ] || return
              for ((i = 1; i < COMP_CWORD - 1; i++)); do
                case ${COMP_WORDS[i]} in
                  --stack | --bootstrap-servers | --schema-registry | --namespace | --config)
                    where+=("${COMP_WORDS[i]}" "${COMP_WORDS[i + 1]}")
                    ;;
                esac
              done
              "${COMP_WORDS[0]}" names "$1" "${where[@]}" 2>/dev/null
            }

            """;

    /// An array of picocli's script, with a comment that names the option if it has the values of one.
    private static final Pattern PLACEHOLDER =
            Pattern.compile("\\(\"%s\"\\)( # (--[\\w-]+)?)".formatted(NameCandidates.PLACEHOLDER));

    private final CommandContext context;

    @Spec
    @SuppressWarnings("NullAway.Init") // picocli sets it
    CommandSpec spec;

    CompletionCommand(CommandContext context) {
        this.context = context;
    }

    @Override
    public void run() {
        CommandLine root = spec.root().commandLine();
        String script = AutoComplete.bash(root.getCommandName(), root);
        script = PLACEHOLDER
                .matcher(script)
                .replaceAll(found -> Matcher.quoteReplacement("($(_firn_names %s%s))%s"
                        .formatted(found.group(1).toLowerCase(Locale.ROOT), option(found.group(3)), found.group(2))));
        int firstFunction = script.indexOf("function ");
        context.console().answer(script.substring(0, firstFunction) + NAMES + script.substring(firstFunction));
    }

    private static String option(@Nullable String name) {
        return name == null ? "" : " " + name;
    }
}
