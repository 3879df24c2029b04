package dev.firn.config;

import io.smallrye.config.ConfigMappingLoader;
import io.smallrye.config.ConfigMappingMetadata;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;

/// Runs while this module is built: writes the classes that SmallRye Config generates for [FirnConfig] beside its own.
///
/// SmallRye loads them by name if they are there, and generates them at each start if not. Generating them takes longer
/// than many commands run, and classes made at run time cannot be in an AOT cache.
///
/// A class that is there already is left alone: by a newer file, Maven would take this module for changed,
/// and compile and pack it and all that need it again.
final class MappingClasses {
    private MappingClasses() {}

    /// The argument is the folder of the compiled classes.
    public static void main(String[] arguments) throws IOException {
        write(Path.of(arguments[0]));
    }

    static void write(Path folder) throws IOException {
        for (ConfigMappingMetadata generated : ConfigMappingLoader.getConfigMappingsMetadata(FirnConfig.class)) {
            Path file = folder.resolve(generated.getClassName().replace('.', '/') + ".class");
            byte[] content = generated.getClassBytes();
            if (!Files.exists(file) || !Arrays.equals(Files.readAllBytes(file), content)) {
                Files.createDirectories(file.getParent());
                Files.write(file, content);
            }
        }
    }
}
