package dev.firn.cli.demo;

import picocli.CommandLine.Option;

/// How large the sample tables are.
final class SampleSize {
    @Option(
            names = "--scale",
            paramLabel = "SF",
            description = "TPC-H scale factor (default: ${DEFAULT-VALUE}; sf1 has 1,500,000 orders).",
            defaultValue = "sf0.1")
    String scale = "sf0.1";

    @Option(
            names = "--rows",
            paramLabel = "N",
            description = "Rows in the spine (default: ${DEFAULT-VALUE}).",
            defaultValue = "5000")
    int rows = 5000;
}
