package dev.firn.embedded;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/// Finds the jars of each part in the build output: a file with the class path, or the part itself.
record PartJars(Path home) {
    List<String> broker() {
        return classPath("broker");
    }

    List<String> registry() {
        return List.of(
                requireExists(part("registry/target/apicurio/quarkus-run.jar")).toString());
    }

    List<String> s3() {
        List<String> all = new ArrayList<>();
        all.add(requireExists(part("s3/target/classes")).toString());
        all.addAll(classPath("s3"));
        return all;
    }

    List<String> trinoServer() {
        return classPath("trino-server");
    }

    List<String> trinoIceberg() {
        return classPath("trino-iceberg");
    }

    List<String> trinoTpch() {
        return classPath("trino-tpch");
    }

    private List<String> classPath(String part) {
        Path file = requireExists(part(part + "/target/classpath"));
        try {
            return List.of(Files.readString(file).strip().split(File.pathSeparator, -1));
        } catch (IOException e) {
            throw new StackException(
                    StackException.Code.NOT_BUILT, "[%s] cannot read the class path".formatted(file), e);
        }
    }

    private Path part(String path) {
        return home.resolve("embedded/parts").resolve(path);
    }

    private static Path requireExists(Path path) {
        if (!Files.exists(path)) {
            throw new StackException(
                    StackException.Code.NOT_BUILT,
                    "[%s] is missing; build the project first: mvn package -DskipTests".formatted(path));
        }
        return path;
    }
}
