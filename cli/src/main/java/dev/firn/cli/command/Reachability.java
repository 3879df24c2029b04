package dev.firn.cli.command;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.apache.kafka.common.utils.Utils;

/// Whether a cluster can be reached at all. Kafka's clients try again until their own timeouts, and then do not say
/// where.
final class Reachability {
    private final Duration limit;

    /// @param limit for all brokers together
    Reachability(Duration limit) {
        this.limit = limit;
    }

    /// Connects to all brokers side by side and returns when the first one answers.
    ///
    /// @param bootstrapServers as Kafka's setting. Addresses that it does not understand are left to Kafka's
    ///     clients
    /// @throws CommandFailure if none answers; names each with the reason
    void require(String bootstrapServers) {
        List<String> brokers = Arrays.stream(bootstrapServers.split(",", -1))
                .map(String::strip)
                .filter(broker -> !broker.isEmpty())
                .distinct()
                .toList();
        if (brokers.isEmpty() || !brokers.stream().allMatch(Reachability::isAddress)) {
            return;
        }
        try {
            Map<String, String> problems = problems(brokers);
            if (problems.values().stream().noneMatch(String::isEmpty)) {
                throw CommandFailure.notReachable(
                        "Cannot reach Kafka: %s. Is the address right, and does the cluster run?"
                                .formatted(problems.entrySet().stream()
                                        .map(broker -> "%s (%s)".formatted(broker.getKey(), broker.getValue()))
                                        .collect(Collectors.joining(", "))),
                        null);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw CommandFailure.notReachable("Interrupted while connecting to Kafka at " + bootstrapServers, e);
        }
    }

    /// @param problem empty if the broker can be reached
    private record Answer(String broker, String problem) {}

    /// Why each broker cannot be reached, until one can. Does not wait for connections and name services that take
    /// longer than the limit.
    private Map<String, String> problems(List<String> brokers) throws InterruptedException {
        Map<String, String> problems = new LinkedHashMap<>();
        brokers.forEach(broker -> problems.put(broker, "no answer within " + Times.format(limit)));
        BlockingQueue<Answer> answers = new LinkedBlockingQueue<>();
        brokers.forEach(broker -> Thread.startVirtualThread(() -> answers.add(new Answer(broker, problem(broker)))));
        long deadline = System.nanoTime() + limit.toNanos();
        for (int i = 0; i < brokers.size(); i++) {
            Answer answer = answers.poll(deadline - System.nanoTime(), TimeUnit.NANOSECONDS);
            if (answer == null) {
                return problems;
            }
            problems.put(answer.broker(), answer.problem());
            if (answer.problem().isEmpty()) {
                return problems;
            }
        }
        return problems;
    }

    private static boolean isAddress(String broker) {
        return Utils.getHost(broker) != null && Utils.getPort(broker) != null;
    }

    private String problem(String broker) {
        String reason = "";
        try {
            for (InetAddress address : InetAddress.getAllByName(Utils.getHost(broker))) {
                reason = refusal(new InetSocketAddress(address, Utils.getPort(broker)));
                if (reason.isEmpty()) {
                    return "";
                }
            }
            return reason;
        } catch (UnknownHostException e) {
            return "this machine cannot resolve the host";
        }
    }

    private String refusal(InetSocketAddress address) {
        try (Socket socket = new Socket()) {
            socket.connect(address, (int) limit.toMillis());
            return "";
        } catch (SocketTimeoutException e) {
            return "no answer within " + Times.format(limit);
        } catch (IOException e) {
            return String.valueOf(e.getMessage());
        }
    }
}
