package dev.firn.chaos.store;

import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.function.Predicate;

/// Which requests fail, and how. The seed, the request and how often it came decide, not the order in which
/// requests of different clients meet: so a run with the same seed fails the same requests.
///
/// @param share of the requests that fail, from 0 to 1
/// @param paths the requests that may fail, by their path
public record FaultPlan(long seed, double share, Set<StoreFault> faults, Predicate<String> paths) {
    /// Nothing fails.
    public static final FaultPlan NONE = new FaultPlan(0, 0, Set.of(), path -> false);

    /// Requests of all paths fail.
    public static FaultPlan everywhere(long seed, double share, Set<StoreFault> faults) {
        return new FaultPlan(seed, share, faults, path -> true);
    }

    /// @param time how often the request came before, from 0
    Optional<StoreFault> faultOf(String method, String path, long time) {
        SplittableRandom random = random(method, path, time);
        List<StoreFault> suitable =
                faults.stream().filter(fault -> fault.suits(method)).sorted().toList();
        if (suitable.isEmpty() || !paths.test(path) || random.nextDouble() >= share) {
            return Optional.empty();
        }
        return Optional.of(suitable.get(random.nextInt(suitable.size())));
    }

    /// The place in a body of this size where a fault happens.
    long place(String path, long time, long size) {
        return random("body", path, time).nextLong(Math.max(1, size));
    }

    private SplittableRandom random(String method, String path, long time) {
        return new SplittableRandom(seed * 31 + (method + " " + path + " " + time).hashCode());
    }
}
