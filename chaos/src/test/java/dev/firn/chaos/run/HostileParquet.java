package dev.firn.chaos.run;

import dev.firn.events.Fault;
import dev.firn.events.RetrievalRequest;
import dev.firn.events.RetrievalResult;
import dev.firn.events.RetrievalStatus;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// Spines that only look like Parquet: cut off, random, with lying footers, with bits flipped anywhere. Each
/// request has an answer that blames its data, or succeeds if the damage does not matter; the worker goes on.
///
/// Bits outside of page bodies bear no checksum, so other rows are possible there. They are not counted as wrong.
final class HostileParquet implements Scenario {
    private static final int NIGHTLY_FILES = 300;
    private static final byte[] MAGIC = "PAR1".getBytes(StandardCharsets.US_ASCII);
    private static final int KINDS = 7;

    @Override
    public String fault() {
        return "hostile Parquet as spine";
    }

    @Override
    public Outcome run(ChaosRun run) {
        Outcome.Builder outcome = Outcome.of(fault());
        List<String> ids = new ArrayList<>();
        Map<String, RetrievalRequest> good = new LinkedHashMap<>();
        try (ServiceUnderTest worker = run.deployment.worker(WorkerKills.SLOTS)) {
            ParquetSpine sound = ParquetSpine.of(run);
            long began = System.nanoTime();
            for (int i = 0; i < Math.max(KINDS, run.plan.scaled(NIGHTLY_FILES)); i++) {
                String id = run.id("hostile-parquet");
                ids.add(id);
                run.conversation.ask(ParquetSpine.retrieval(run, id, hostile(run, sound, i % KINDS)));
            }
            String beside = run.id("beside-hostile");
            good.put(beside, run.retrieval(beside, ChaosRun.VIEW).build());
            good.values().forEach(run.conversation::ask);
            run.conversation.awaitAnswers(ids);
            run.conversation.awaitAnswers(good.keySet());
            outcome.fired(ids.size()).recovered(began).wrong(blamed(run, ids)).wrong(run.wrongResults(good));
            if (!worker.isAlive()) {
                outcome.wrong(List.of("the worker died"));
            }
        }
        return run.outcome(outcome, ids);
    }

    private static byte[] hostile(ChaosRun run, ParquetSpine sound, int kind) {
        byte[] file = sound.bytes();
        return switch (kind) {
            case 0 -> Arrays.copyOf(file, run.random.nextInt(file.length));
            case 1 -> sound.flipped(run.random.nextInt(file.length), run.random.nextInt(Byte.SIZE));
            case 2 -> lyingFooter(file, run.random.nextInt());
            case 3 -> new byte[0];
            case 4 -> randomBody(run);
            case 5 -> repeated(file);
            default -> flippedOften(run, file);
        };
    }

    private static byte[] lyingFooter(byte[] file, int length) {
        byte[] lying = file.clone();
        ByteBuffer.wrap(lying)
                .order(ByteOrder.LITTLE_ENDIAN)
                .putInt(file.length - MAGIC.length - Integer.BYTES, length);
        return lying;
    }

    private static byte[] randomBody(ChaosRun run) {
        byte[] bytes = new byte[10_000];
        for (int i = 0; i < bytes.length; i++) {
            bytes[i] = (byte) run.random.nextInt();
        }
        System.arraycopy(MAGIC, 0, bytes, 0, MAGIC.length);
        System.arraycopy(MAGIC, 0, bytes, bytes.length - MAGIC.length, MAGIC.length);
        return lyingFooter(bytes, 5_000);
    }

    /// Two files in one: the offsets of the footer point into the first.
    private static byte[] repeated(byte[] file) {
        byte[] twice = Arrays.copyOf(file, 2 * file.length);
        System.arraycopy(file, 0, twice, file.length, file.length);
        Arrays.fill(twice, MAGIC.length, file.length, (byte) 0x7f);
        return twice;
    }

    private static byte[] flippedOften(ChaosRun run, byte[] file) {
        byte[] damaged = file.clone();
        for (int i = 0; i < file.length; i += 1 + run.random.nextInt(40)) {
            damaged[i] ^= (byte) (1 << run.random.nextInt(Byte.SIZE));
        }
        System.arraycopy(MAGIC, 0, damaged, damaged.length - MAGIC.length, MAGIC.length);
        return damaged;
    }

    private static List<String> blamed(ChaosRun run, List<String> ids) {
        List<String> problems = new ArrayList<>();
        for (String id : ids) {
            RetrievalResult result = run.conversation.retrieval(id).orElseThrow();
            if (result.getStatus() != RetrievalStatus.SUCCEEDED && result.getFault() == Fault.SERVICE) {
                problems.add("'%s' blames %s: %s %s"
                        .formatted(id, result.getFault(), result.getCode(), result.getMessage()));
            }
        }
        return problems;
    }
}
