package dev.firn.benchmarks;

import java.io.IOException;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Unmatched;

/// `./firn bench kernels`: the inner loops alone, by JMH.
@Command(
        name = "kernels",
        mixinStandardHelpOptions = true,
        description =
                "Measures the inner loops alone, by JMH; arguments and options are JMH's (-lp lists its parameters).")
final class KernelsCommand implements Callable<Integer> {
    @Parameters(paramLabel = "ARG", description = "A regular expression of benchmarks, and JMH's options.")
    List<String> arguments = List.of();

    @Unmatched
    List<String> options = List.of();

    @Override
    public Integer call() throws IOException {
        List<String> all = new java.util.ArrayList<>(arguments);
        all.addAll(options);
        org.openjdk.jmh.Main.main(all.toArray(String[]::new));
        return 0;
    }
}
