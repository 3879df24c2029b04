package dev.firn.config;

import io.smallrye.config.WithDefault;
import io.smallrye.config.WithName;
import java.lang.reflect.Method;
import java.lang.reflect.ParameterizedType;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/// One setting, as [FirnConfig] declares it. The constraints check it and the reference documents it.
record Setting(List<Method> path, String name, String doc, boolean secret, Optional<String> defaultValue) {
    Setting {
        path = List.copyOf(path);
    }

    /// All settings, sorted by name.
    static List<Setting> all() {
        List<Setting> settings = new ArrayList<>();
        collect(FirnConfig.class, "firn", List.of(), settings);
        settings.sort(Comparator.comparing(Setting::name));
        return settings;
    }

    /// The name of the setting's environment variable.
    String variable() {
        return name.toUpperCase(Locale.ROOT).replace('.', '_').replace('-', '_');
    }

    Optional<Range> range() {
        return Optional.ofNullable(method().getAnnotation(Range.class));
    }

    String type() {
        return method().getGenericReturnType().getTypeName().replaceAll("[a-z]+\\.", "");
    }

    private Method method() {
        return path.getLast();
    }

    private static void collect(Class<?> group, String prefix, List<Method> path, List<Setting> settings) {
        Arrays.stream(group.getDeclaredMethods())
                .filter(method -> !method.isSynthetic())
                .forEach(method -> {
                    List<Method> deeper = new ArrayList<>(path);
                    deeper.add(method);
                    WithName named = method.getAnnotation(WithName.class);
                    String name = prefix + "." + (named == null ? kebab(method.getName()) : named.value());
                    if (isGroup(method.getReturnType())) {
                        collect(method.getReturnType(), name, deeper, settings);
                        return;
                    }
                    if (method.getGenericReturnType() instanceof ParameterizedType map
                            && map.getActualTypeArguments().length == 2
                            && map.getActualTypeArguments()[1] instanceof Class<?> entry
                            && isGroup(entry)) {
                        collect(entry, name + ".<name>", deeper, settings);
                        return;
                    }
                    Doc doc = method.getAnnotation(Doc.class);
                    WithDefault value = method.getAnnotation(WithDefault.class);
                    settings.add(new Setting(
                            deeper,
                            name,
                            doc == null ? "" : doc.value(),
                            doc != null && doc.secret(),
                            Optional.ofNullable(value).map(WithDefault::value)));
                });
    }

    private static boolean isGroup(Class<?> type) {
        return type.getEnclosingClass() == FirnConfig.class;
    }

    private static String kebab(String camel) {
        return camel.replaceAll("([a-z0-9])([A-Z])", "$1-$2").toLowerCase(Locale.ROOT);
    }
}
