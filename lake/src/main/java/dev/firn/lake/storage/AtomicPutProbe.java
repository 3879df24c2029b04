package dev.firn.lake.storage;

import dev.firn.lake.LakeCode;
import dev.firn.lake.LakeException;
import dev.firn.lake.LakeOutage;
import dev.firn.lake.LakeRejection;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.BrokenBarrierException;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/// Races clients to find out whether a store lets only one conditional PUT win. A store that checks first and writes
/// later sometimes lets two win. So the clients start at the same moment, over several rounds, with content that grows
/// from round to round because a longer write widens the gap. A round with two winners, or whose file does not contain
/// the winner's bytes, proves the store unsafe. If no round does, that is the best evidence a client can get.
final class AtomicPutProbe {
    static final int CLIENTS = 8;
    static final int ROUNDS = 12;
    private static final int FIRST_BYTES = 256;
    private static final int MAX_BYTES = 256 * 1024;
    private static final long ROUND_LIMIT_SECONDS = 120;

    private final SchemeStore store;
    private final Location folder;

    AtomicPutProbe(SchemeStore store, Location folder) {
        this.store = store;
        this.folder = folder;
    }

    boolean isAtomic() {
        String run = "_probe-" + UUID.randomUUID();
        try (ExecutorService clients = Executors.newFixedThreadPool(CLIENTS)) {
            for (int round = 0; round < ROUNDS; round++) {
                Location file = folder.resolve(run + "-" + round);
                try {
                    if (!oneWinner(clients, file, Math.min(FIRST_BYTES << round, MAX_BYTES))) {
                        return false;
                    }
                } catch (LakeRejection rejection) {
                    if (rejection.lakeCode() == LakeCode.UNSUPPORTED_STORE) {
                        return false;
                    }
                    throw rejection;
                } finally {
                    store.delete(file);
                }
            }
            return true;
        }
    }

    private boolean oneWinner(ExecutorService clients, Location file, int bytes) {
        CyclicBarrier start = new CyclicBarrier(CLIENTS);
        List<byte[]> contents = new ArrayList<>();
        List<Future<PutOutcome>> outcomes = new ArrayList<>();
        for (int client = 0; client < CLIENTS; client++) {
            byte[] content = content(client, bytes);
            contents.add(content);
            outcomes.add(clients.submit(() -> {
                start.await(ROUND_LIMIT_SECONDS, TimeUnit.SECONDS);
                return store.putIfAbsent(file, content, SchemeStore.Owner.NEVER_OURS);
            }));
        }
        int winner = -1;
        int winners = 0;
        for (int client = 0; client < CLIENTS; client++) {
            if (outcome(file, outcomes.get(client)) == PutOutcome.CREATED) {
                winner = client;
                winners++;
            }
        }
        // no winner: the winner's response was lost and its retry found its own file, which must then exist
        byte[] stored = store.read(file, bytes);
        return winners == 1
                ? Arrays.equals(stored, contents.get(winner))
                : winners == 0 && contents.stream().anyMatch(content -> Arrays.equals(stored, content));
    }

    private static PutOutcome outcome(Location file, Future<PutOutcome> outcome) {
        try {
            return outcome.get(ROUND_LIMIT_SECONDS, TimeUnit.SECONDS);
        } catch (ExecutionException e) {
            if (e.getCause() instanceof LakeException ours) {
                throw ours;
            }
            throw unfinished(file, e.getCause() instanceof BrokenBarrierException ? e.getCause() : e);
        } catch (TimeoutException e) {
            throw unfinished(file, e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw unfinished(file, e);
        }
    }

    private static LakeOutage unfinished(Location file, Throwable why) {
        return new LakeOutage(LakeCode.STORAGE_UNAVAILABLE, "[" + file + "] the racing writers did not finish", why);
    }

    private static byte[] content(int client, int bytes) {
        byte[] content = new byte[bytes];
        byte[] mark = ("client " + client + " ").getBytes(StandardCharsets.UTF_8);
        for (int i = 0; i < bytes; i++) {
            content[i] = mark[i % mark.length];
        }
        return content;
    }
}
