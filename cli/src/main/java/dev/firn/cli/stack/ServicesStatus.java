package dev.firn.cli.stack;

import static java.util.Objects.requireNonNull;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.firn.cli.command.Connection;
import dev.firn.cli.render.Console;
import dev.firn.cli.render.TextTable;
import dev.firn.embedded.PartStatus;
import dev.firn.schemas.Namespace;
import dev.firn.schemas.Topic;
import java.time.Clock;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.ExecutionException;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.ListOffsetsResult.ListOffsetsResultInfo;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.common.TopicPartition;

/// How Firn's services are doing.
///
/// @param reports of the services that answer
/// @param deadLetters of the last day; empty if the broker did not say
record ServicesStatus(List<ServiceReport> reports, OptionalLong deadLetters) {
    private static final Duration DAY = Duration.ofDays(1);

    ServicesStatus {
        reports = List.copyOf(reports);
    }

    static ServicesStatus of(StackStatus stack, Connection connection, Clock clock) {
        List<String> services =
                Arrays.stream(FirnService.values()).map(FirnService::module).toList();
        List<ServiceReport> reports = stack.parts().stream()
                .map(PartStatus::part)
                .filter(part -> services.contains(part.name()))
                .map(part -> ServiceReport.of(part.name(), part.address()))
                .flatMap(Optional::stream)
                .toList();
        return new ServicesStatus(
                reports,
                reports.isEmpty()
                        ? OptionalLong.empty()
                        : deadLetters(connection, new Namespace(stack.namespace()), clock));
    }

    /// Counted by offsets. Those of a transaction's markers count too, so it may be a few more than there are.
    private static OptionalLong deadLetters(Connection connection, Namespace namespace, Clock clock) {
        String topic = namespace.topic(Topic.DEAD_LETTERS);
        try (Admin admin = connection.admin()) {
            List<TopicPartition> partitions =
                    requireNonNull(admin.describeTopics(List.of(topic))
                                    .allTopicNames()
                                    .get()
                                    .get(topic))
                            .partitions()
                            .stream()
                            .map(partition -> new TopicPartition(topic, partition.partition()))
                            .toList();
            OffsetSpec yesterday =
                    OffsetSpec.forTimestamp(clock.instant().minus(DAY).toEpochMilli());
            Map<TopicPartition, ListOffsetsResultInfo> from = offsets(admin, partitions, yesterday);
            Map<TopicPartition, ListOffsetsResultInfo> to = offsets(admin, partitions, OffsetSpec.latest());
            return OptionalLong.of(partitions.stream()
                    .filter(partition -> offset(from, partition) >= 0)
                    .mapToLong(partition -> offset(to, partition) - offset(from, partition))
                    .sum());
        } catch (ExecutionException e) {
            return OptionalLong.empty();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return OptionalLong.empty();
        }
    }

    private static long offset(Map<TopicPartition, ListOffsetsResultInfo> offsets, TopicPartition partition) {
        return requireNonNull(offsets.get(partition)).offset();
    }

    private static Map<TopicPartition, ListOffsetsResultInfo> offsets(
            Admin admin, List<TopicPartition> partitions, OffsetSpec spec)
            throws ExecutionException, InterruptedException {
        return admin.listOffsets(partitions.stream().collect(Collectors.toMap(Function.identity(), partition -> spec)))
                .all()
                .get();
    }

    void show(Console console) {
        if (reports.isEmpty()) {
            return;
        }
        TextTable table = new TextTable("service", "state", "ready", "parked", "put aside", "oldest request")
                .keepLastColumnWhole();
        for (ServiceReport report : reports) {
            table.row(
                    report.name(),
                    report.state(),
                    report.isReady() ? "yes" : "no",
                    report.parked(),
                    report.putAside(),
                    report.oldestRequest());
        }
        console.answer("");
        console.answer(table);
        for (ServiceReport report : reports) {
            report.away().forEach(away -> console.answer("  %s misses %s".formatted(report.name(), away)));
        }
        console.answer("  dead letters of the last day: "
                + (deadLetters.isPresent() ? Long.toString(deadLetters.getAsLong()) : "?"));
    }

    void addTo(ObjectNode json) {
        ArrayNode all = json.putArray("services");
        reports.forEach(report -> all.add(report.json()));
        deadLetters.ifPresent(count -> json.put("dead_letters_last_day", count));
    }
}
