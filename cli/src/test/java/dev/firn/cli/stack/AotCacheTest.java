package dev.firn.cli.stack;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// What a service's JVM is told of its cache.
final class AotCacheTest {
    @Test
    void aServiceStartsFromItsCacheIfThereIsOne(@TempDir Path target) throws IOException {
        AotCache cache = AotCache.of(target, "gateway");
        assertThat(cache.options()).isEmpty();

        Files.createFile(target.resolve("gateway.aot"));

        assertThat(cache.options()).contains("-XX:AOTCache=" + target.resolve("gateway.aot"), "-Xlog:aot*=off");
    }
}
