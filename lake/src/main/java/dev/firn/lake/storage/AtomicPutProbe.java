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

/// Finds out by racing whether a store gives a conditional PUT to one client only. A store that checks and
/// then writes lets two win now and then, so clients are let go at the same moment, over several rounds;
/// contents grow from round to round, since a longer write leaves a wider gap. One round with two winners,
/// with none, or whose file does not hold the winner's bytes is proof; no such round is no proof but what can
/// be had from outside.
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
        // none won: a winner's answer was lost on the way and its retry met its own file, which then must be there
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
        return new LakeOutage(LakeCode.STORAGE_UNAVAILABLE, "[" + file + "] racing writers did not finish", why);
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
