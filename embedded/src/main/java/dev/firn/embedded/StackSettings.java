package dev.firn.embedded;

import java.nio.file.Path;
import java.util.Optional;

/// The settings of a stack.
///
/// @param folder all data of the stack; a restart finds it again
/// @param home the project's root folder, which contains the built parts
public record StackSettings(Path folder, Path home, Broker broker) {
    /// The system property that names the project's root.
    public static final String HOME_PROPERTY = "firn.home";

    public StackSettings {
        folder = folder.toAbsolutePath().normalize();
        home = home.toAbsolutePath().normalize();
    }

    /// Uses the embedded broker and the parts of the project that the system property `firn.home` names.
    public static StackSettings in(Path folder) {
        String home = Optional.ofNullable(System.getProperty(HOME_PROPERTY))
                .orElseThrow(() -> new StackException(
                        StackException.Code.NOT_BUILT,
                        "the system property %s must name the project's root folder".formatted(HOME_PROPERTY)));
        return new StackSettings(folder, Path.of(home), new Broker.Embedded());
    }

    public StackSettings with(Broker other) {
        return new StackSettings(folder, home, other);
    }
}
