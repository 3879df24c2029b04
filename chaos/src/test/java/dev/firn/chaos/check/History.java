package dev.firn.chaos.check;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;

/// Requests and their answers. Each check returns what is wrong, a line for each; none if all is well.
///
/// @param asked in any order
/// @param answers in any order
public record History(List<Asked> asked, List<Answer> answers) {
    public History {
        asked = List.copyOf(asked);
        answers = List.copyOf(answers);
    }

    /// Requests without an answer.
    public List<String> lost() {
        Map<String, List<Answer>> byId = byId();
        return asked.stream()
                .map(Asked::id)
                .filter(id -> !byId.containsKey(id))
                .map(id -> "request '%s' has no answer".formatted(id))
                .toList();
    }

    /// Requests whose answers differ from each other.
    public List<String> answeredDifferently() {
        List<String> problems = new ArrayList<>();
        byId().forEach((id, all) -> {
            List<String> contents = all.stream().map(Answer::content).distinct().toList();
            if (contents.size() > 1) {
                problems.add("request '%s' has %d different answers: %s".formatted(id, contents.size(), contents));
            }
        });
        return problems;
    }

    /// Answers that nobody asked for.
    public List<String> unasked() {
        List<String> ids = asked.stream().map(Asked::id).toList();
        return byId().keySet().stream()
                .filter(id -> !ids.contains(id))
                .map(id -> "answer '%s' belongs to no request".formatted(id))
                .toList();
    }

    /// Requests with more than one answer, for topics that promise exactly one.
    public List<String> answeredTwice() {
        List<String> problems = new ArrayList<>();
        byId().forEach((id, all) -> {
            if (all.size() > 1) {
                problems.add("request '%s' has %d answers".formatted(id, all.size()));
            }
        });
        return problems;
    }

    /// Keys whose answers are not in the order of their requests. Both orders are those of offsets, because all
    /// requests and all answers of a key are in one partition each.
    public List<String> outOfOrder() {
        Map<String, List<String>> sent = asked.stream()
                .sorted(Comparator.comparingLong(Asked::offset))
                .collect(Collectors.groupingBy(
                        Asked::key, TreeMap::new, Collectors.mapping(Asked::id, Collectors.toList())));
        Map<String, List<String>> received = answers.stream()
                .sorted(Comparator.comparingLong(Answer::offset))
                .collect(Collectors.groupingBy(Answer::key, Collectors.mapping(Answer::id, Collectors.toList())));
        List<String> problems = new ArrayList<>();
        sent.forEach((key, ids) -> {
            List<String> got =
                    received.getOrDefault(key, List.of()).stream().distinct().toList();
            List<String> expected = ids.stream().filter(got::contains).toList();
            if (!got.equals(expected)) {
                problems.add("key '%s' was answered in the order %s, asked in %s".formatted(key, got, expected));
            }
        });
        return problems;
    }

    /// Keys whose versions have a gap or a repeat.
    public List<String> versionsWithGapsOrRepeats() {
        Map<String, List<Integer>> versions = new TreeMap<>();
        answers.stream()
                .sorted(Comparator.comparingLong(Answer::offset))
                .filter(answer -> answer.version() > 0)
                .forEach(answer -> versions.computeIfAbsent(answer.key(), key -> new ArrayList<>())
                        .add(answer.version()));
        List<String> problems = new ArrayList<>();
        versions.forEach((key, all) -> {
            for (int i = 1; i < all.size(); i++) {
                if (all.get(i) != all.get(i - 1) + 1) {
                    problems.add("key '%s' goes from version %d to %d".formatted(key, all.get(i - 1), all.get(i)));
                }
            }
        });
        return problems;
    }

    /// Requests below a committed offset that had no answer when it was read: a crash would lose them.
    ///
    /// @param committed the offset for each partition, read before the answers of this history
    public List<String> committedUnanswered(Map<Integer, Long> committed) {
        Map<String, List<Answer>> byId = byId();
        return asked.stream()
                .filter(one ->
                        one.offset() < committed.getOrDefault(one.partition(), 0L) && !byId.containsKey(one.id()))
                .map(one -> "request '%s' at %d@%d is below the committed offset %d and has no answer"
                        .formatted(one.id(), one.partition(), one.offset(), committed.get(one.partition())))
                .toList();
    }

    private Map<String, List<Answer>> byId() {
        return answers.stream().collect(Collectors.groupingBy(Answer::id, LinkedHashMap::new, Collectors.toList()));
    }
}
