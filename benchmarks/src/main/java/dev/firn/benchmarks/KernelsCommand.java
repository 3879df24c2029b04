package dev.firn.benchmarks;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Unmatched;

/// `./firn bench kernels`: measures the inner loops alone, with JMH.
@Command(
        name = "kernels",
        mixinStandardHelpOptions = true,
        description =
                "Measures the inner loops alone, with JMH. Takes JMH's arguments and options (-lp lists the parameters).")
final class KernelsCommand implements Callable<Integer> {
    @Parameters(paramLabel = "ARG", description = "A regular expression of benchmarks, or an option of JMH.")
    List<String> arguments = List.of();

    @Unmatched
    List<String> options = List.of();

    @Override
    public Integer call() throws IOException {
        List<String> all = new ArrayList<>(arguments);
        all.addAll(options);
        org.openjdk.jmh.Main.main(all.toArray(String[]::new));
        return 0;
    }
}
