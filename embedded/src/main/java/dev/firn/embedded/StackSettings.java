package dev.firn.embedded;

import java.nio.file.Path;
import java.util.Optional;

/// What a stack needs to know.
///
/// @param folder holds everything the stack keeps; a second start on it finds its data again
/// @param home the project's root, where the build left the jars of the parts
public record StackSettings(Path folder, Path home, Broker broker) {
    /// The system property that names the project's root.
    public static final String HOME_PROPERTY = "firn.home";

    public StackSettings {
        folder = folder.toAbsolutePath().normalize();
        home = home.toAbsolutePath().normalize();
    }

    /// The embedded broker, and parts under the project that system property `firn.home` names.
    public static StackSettings in(Path folder) {
        String home = Optional.ofNullable(System.getProperty(HOME_PROPERTY))
                .orElseThrow(() -> new StackException(
                        StackException.Code.NOT_BUILT,
                        "system property %s must name the project's root folder".formatted(HOME_PROPERTY)));
        return new StackSettings(folder, Path.of(home), new Broker.Embedded());
    }

    public StackSettings with(Broker other) {
        return new StackSettings(folder, home, other);
    }
}
