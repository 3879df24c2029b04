package dev.firn.cli;

import dev.firn.cli.command.CommandContext;
import dev.firn.cli.render.Console;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintWriter;
import java.io.Writer;
import java.time.Clock;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.kafka.common.message.ApiMessageType;
import org.apache.kafka.common.protocol.Errors;

/// Runs some commands, so that the JVM can keep the classes that commands need in an AOT cache (JEP 514). `./firn` runs
/// this after it has built itself.
///
/// Nothing runs yet that the commands could talk to. They talk to a closed port, which brings them far enough,
/// and to no embedded stack. Their answers go nowhere.
public final class Rehearsal {
    private static final List<String> NOWHERE = List.of(
            "--bootstrap-servers=127.0.0.1:9",
            "--schema-registry=http://127.0.0.1:9",
            "-Dfirn.kafka.properties.default.api.timeout.ms=300",
            "-Dfirn.kafka.properties.request.timeout.ms=200");

    private static final List<String> LOCAL = List.of("--help", "help retrieve", "rights", "status --stack no-stack");
    private static final List<String> CONNECTED =
            List.of("views", "topics", "results", "standing", "dead-letters", "trace request");

    /// What the commands ask a broker.
    private static final List<ApiMessageType> ASKED = List.of(
            ApiMessageType.API_VERSIONS,
            ApiMessageType.METADATA,
            ApiMessageType.LIST_OFFSETS,
            ApiMessageType.FETCH,
            ApiMessageType.DESCRIBE_TOPIC_PARTITIONS,
            ApiMessageType.DESCRIBE_CONFIGS,
            ApiMessageType.INIT_PRODUCER_ID,
            ApiMessageType.PRODUCE);

    private Rehearsal() {}

    /// The arguments are the options that name a stack; without any, there is none.
    public static void main(String[] arguments) throws IOException {
        Main.prepareProcess();
        if (arguments.length == 0) {
            run(NOWHERE);
        } else {
            run(List.of(arguments));
            execute(with("status", List.of(arguments)));
        }
        System.exit(0);
    }

    static Map<String, Integer> runNowhere() {
        return run(NOWHERE);
    }

    /// @param where options that say what to talk to
    /// @return the exit code of each command
    private static Map<String, Integer> run(List<String> where) {
        Map<String, Integer> exitCodes = new LinkedHashMap<>();
        LOCAL.forEach(command -> exitCodes.put(command, execute(command.split(" "))));
        for (String command : CONNECTED) {
            exitCodes.put(command, execute(with(command, where)));
        }
        ASKED.forEach(api -> List.of(api.newRequest(), api.newResponse()));
        Errors.forCode((short) 0);
        return exitCodes;
    }

    private static String[] with(String command, List<String> options) {
        List<String> arguments = new ArrayList<>(List.of(command.split(" ")));
        arguments.addAll(options);
        return arguments.toArray(String[]::new);
    }

    private static int execute(String... arguments) {
        PrintWriter nowhere = new PrintWriter(Writer.nullWriter());
        CommandContext context = new CommandContext(
                new Console(nowhere, nowhere, false),
                InputStream.nullInputStream(),
                Map.of(),
                Map.of(),
                Clock.systemUTC());
        return FirnCommand.commandLine(context, arguments)
                .setOut(nowhere)
                .setErr(nowhere)
                .execute(arguments);
    }
}
