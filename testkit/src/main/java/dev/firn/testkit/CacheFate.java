package dev.firn.testkit;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;

/// What happens to the files of a cache of columns between two reads of a test. Tests that read with a cache must see
/// the same rows whatever happens.
public enum CacheFate {
    /// Nothing: all is there.
    WARM(1L << 30),
    /// Half of the files are deleted.
    HALF(1L << 30),
    /// There is room for few columns, and some of these are deleted.
    EVICTING(20_000),
    /// Bits are flipped, files are cut, lengthened, emptied or exchanged.
    DAMAGED(1L << 30);

    private final long maxBytes;

    CacheFate(long maxBytes) {
        this.maxBytes = maxBytes;
    }

    public static CacheFate of(long seed) {
        return values()[(int) Math.floorMod(seed, (long) values().length)];
    }

    /// The size of the cache.
    public long maxBytes() {
        return maxBytes;
    }

    /// Lets it happen to the folder.
    public void strike(Path folder, Random random) {
        try (Stream<Path> listed = Files.list(folder)) {
            List<Path> files = listed.filter(file -> file.toString().endsWith(".column"))
                    .sorted()
                    .toList();
            for (Path file : files) {
                if (random.nextBoolean()) {
                    strikeFile(file, files.get(random.nextInt(files.size())), random);
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void strikeFile(Path file, Path other, Random random) throws IOException {
        switch (this) {
            case WARM -> {}
            case HALF, EVICTING -> Files.deleteIfExists(file);
            case DAMAGED -> {
                byte[] bytes = Files.readAllBytes(file);
                if (bytes.length == 0) {
                    return;
                }
                byte[] damaged =
                        switch (random.nextInt(8)) {
                            case 0 -> Arrays.copyOf(bytes, random.nextInt(bytes.length));
                            case 1 -> Arrays.copyOf(bytes, bytes.length + 1 + random.nextInt(100));
                            case 2 -> new byte[0];
                            case 3 -> new byte[bytes.length];
                            case 4 -> Files.readAllBytes(other);
                            default -> {
                                int at = random.nextInt(bytes.length);
                                bytes[at] ^= (byte) (1 << random.nextInt(8));
                                yield bytes;
                            }
                        };
                // another file under the name: a mapped file must not be cut
                Path replacement = Files.write(file.resolveSibling("damaged"), damaged);
                Files.move(replacement, file, StandardCopyOption.ATOMIC_MOVE);
            }
        }
    }
}
