package dev.firn.cli.events;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.firn.cli.command.CommandContext;
import dev.firn.cli.command.CommandFailure;
import dev.firn.cli.command.ConnectedCommand;
import dev.firn.cli.command.Connection;
import dev.firn.cli.command.ExitCode;
import dev.firn.cli.render.Json;
import dev.firn.cli.render.Plural;
import dev.firn.cli.render.TextTable;
import dev.firn.embedded.StackUser;
import dev.firn.schemas.DeadLetter;
import dev.firn.schemas.Topic;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Arrays;
import java.util.Base64;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.header.Header;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(
        name = "dead-letters",
        description = "Shows records that could not be decoded, where they came from, and why.",
        subcommands = DeadLettersCommand.Replay.class,
        footer = {"  firn dead-letters", "  firn dead-letters --json"})
public final class DeadLettersCommand extends ConnectedCommand {
    private static final String PREFIX = "firn-dead-letter-";
    private static final String REPLAYED = "firn-replayed-from";

    DeadLettersCommand(CommandContext context) {
        super(context);
    }

    @Override
    protected StackUser user() {
        return StackUser.OPERATOR;
    }

    @Override
    protected ExitCode run() {
        List<ConsumerRecord<byte[], byte[]>> letters = EventReader.records(connect(), Topic.DEAD_LETTERS);
        if (json) {
            ArrayNode all = Json.array();
            letters.forEach(letter -> all.add(asJson(letter)));
            console().answer(all);
            return ExitCode.OK;
        }
        TextTable table = new TextTable("letter", "at", "from", "key", "bytes", "code", "reason").keepLastColumnWhole();
        for (ConsumerRecord<byte[], byte[]> letter : letters) {
            Optional<DeadLetter> from = DeadLetter.readFrom(letter.headers());
            table.row(
                    id(letter),
                    Instant.ofEpochMilli(letter.timestamp()),
                    from.map(dead -> "%s/%d@%d".formatted(dead.topic(), dead.partition(), dead.offset()))
                            .orElse("?"),
                    text(letter.key()),
                    letter.value() == null ? 0 : letter.value().length,
                    from.map(DeadLetter::code).orElse("?"),
                    from.map(DeadLetter::reason).orElse("?"));
        }
        if (table.isEmpty()) {
            console().note("There are no dead letters.");
        } else {
            console().answer(table);
        }
        return ExitCode.OK;
    }

    /// Keeps the order of dead letters with the same key: they are in one partition.
    private static final Comparator<ConsumerRecord<byte[], byte[]>> BY_PARTITION_AND_OFFSET = Comparator.comparingInt(
                    (ConsumerRecord<byte[], byte[]> letter) -> letter.partition())
            .thenComparingLong(ConsumerRecord::offset);

    /// `partition-offset`.
    private static String id(ConsumerRecord<byte[], byte[]> letter) {
        return letter.partition() + "-" + letter.offset();
    }

    private static String text(byte @Nullable [] bytes) {
        return bytes == null ? "" : new String(bytes, StandardCharsets.UTF_8);
    }

    private static ObjectNode asJson(ConsumerRecord<byte[], byte[]> letter) {
        ObjectNode json = Json.object()
                .put("letter", id(letter))
                .put("at", Instant.ofEpochMilli(letter.timestamp()).toString())
                .put("key", text(letter.key()))
                .put(
                        "value_base64",
                        letter.value() == null ? "" : Base64.getEncoder().encodeToString(letter.value()));
        ObjectNode headers = json.putObject("headers");
        for (Header header : letter.headers()) {
            headers.put(header.key(), text(header.value()));
        }
        return json;
    }

    @Command(
            name = "replay",
            description = "Sends dead letters to their original topics again, byte for byte. Use it after you have"
                    + " registered a missing schema or fixed the bug that rejected them.",
            footer = {"  firn dead-letters replay 0-17 2-4", "  firn dead-letters replay --all"})
    static final class Replay extends ConnectedCommand {
        @Parameters(arity = "0..*", paramLabel = "LETTER", description = "The dead letters, as listed by dead-letters.")
        List<String> letters = List.of();

        @Option(names = "--all", description = "Sends all dead letters.")
        boolean all;

        Replay(CommandContext context) {
            super(context);
        }

        @Override
        protected StackUser user() {
            return StackUser.OPERATOR;
        }

        @Override
        public ExitCode run() {
            if (all != letters.isEmpty()) {
                throw CommandFailure.usage("Name the dead letters to send, or use --all");
            }
            Connection connection = connect();
            Map<String, ConsumerRecord<byte[], byte[]>> known =
                    EventReader.records(connection, Topic.DEAD_LETTERS).stream()
                            .sorted(BY_PARTITION_AND_OFFSET)
                            .collect(Collectors.toMap(
                                    DeadLettersCommand::id, Function.identity(), (one, _) -> one, LinkedHashMap::new));
            List<String> wanted = all ? List.copyOf(known.keySet()) : letters;
            List<ProducerRecord<byte[], byte[]>> records = wanted.stream()
                    .map(letter -> replayOf(
                            connection,
                            letter,
                            Optional.ofNullable(known.get(letter))
                                    .orElseThrow(() ->
                                            new CommandFailure(ExitCode.NOT_FOUND, "No such dead letter: " + letter))))
                    .toList();
            try (EventSender sender = new EventSender(connection)) {
                records.forEach(sender::send);
            }
            if (json) {
                ArrayNode sent = Json.array();
                wanted.forEach(sent::add);
                console().answer(Json.object().set("sent", sent));
            } else {
                console().answer(Plural.of(wanted.size(), "dead letter") + " sent");
            }
            return ExitCode.OK;
        }

        /// Accepts only topics of this namespace: the header that names the topic could be forged.
        private static ProducerRecord<byte[], byte[]> replayOf(
                Connection connection, String id, ConsumerRecord<byte[], byte[]> letter) {
            String target =
                    DeadLetter.readFrom(letter.headers()).map(DeadLetter::topic).orElse("?");
            boolean known = Arrays.stream(Topic.values())
                    .anyMatch(topic -> connection.namespace().topic(topic).equals(target));
            if (!known) {
                throw new CommandFailure(
                        ExitCode.REFUSED,
                        "Dead letter %s is from '%s', which is not a topic of this namespace".formatted(id, target));
            }
            ProducerRecord<byte[], byte[]> record = new ProducerRecord<>(target, letter.key(), letter.value());
            for (Header header : letter.headers()) {
                if (!header.key().startsWith(PREFIX)) {
                    record.headers().add(header);
                }
            }
            record.headers().add(REPLAYED, id.getBytes(StandardCharsets.UTF_8));
            return record;
        }
    }
}
