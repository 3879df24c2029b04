package dev.firn.service;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.firn.config.FirnConfig;
import dev.firn.config.InvalidConfigException;
import dev.firn.config.Settings;
import dev.firn.lake.catalog.Catalogs;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class CatalogFactoryTest {
    @TempDir
    @SuppressWarnings("NullAway.Init")
    Path folder;

    private static Catalogs open(Path cache) {
        FirnConfig config = Settings.load(
                Map.of(), Map.of("firn.kafka.bootstrap-servers", "127.0.0.1:1", "firn.cache.folder", cache.toString()));
        return CatalogFactory.open(config, new SimpleMeterRegistry(), 0, InstantSource.system());
    }

    @Test
    void aCacheThatCannotBeOpenedNamesItsSetting() throws Exception {
        Path file = Files.writeString(folder.resolve("file"), "no folder");
        for (Path unusable : new Path[] {file, file.resolve("within")}) {
            assertThatThrownBy(() -> open(unusable).close())
                    .isInstanceOf(InvalidConfigException.class)
                    .hasMessageContaining("firn.cache.folder: %s cannot be used: ", unusable);
        }
        assertThat(file).hasContent("no folder");
    }

    @Test
    void aMissingFolderIsCreated() {
        Path missing = folder.resolve("a").resolve("b");
        open(missing).close();
        assertThat(missing).isDirectory();
    }
}
