package dev.firn.cli.command;

import java.lang.reflect.Constructor;
import java.lang.reflect.InvocationTargetException;
import java.util.Arrays;
import java.util.Optional;
import picocli.CommandLine;
import picocli.CommandLine.IFactory;

/// Makes commands, handing the context to those that ask for it in their constructor.
public record ContextFactory(CommandContext context) implements IFactory {
    @Override
    public <K> K create(Class<K> type) throws Exception {
        Optional<Constructor<?>> constructor = Arrays.stream(type.getDeclaredConstructors())
                .filter(candidate ->
                        Arrays.equals(candidate.getParameterTypes(), new Class<?>[] {CommandContext.class}))
                .findFirst();
        if (constructor.isEmpty()) {
            return CommandLine.defaultFactory().create(type);
        }
        try {
            return type.cast(constructor.get().newInstance(context));
        } catch (InvocationTargetException e) {
            throw new IllegalStateException("cannot make " + type.getName(), e.getCause());
        }
    }
}
