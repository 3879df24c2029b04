package dev.firn.chaos.run;

/// One kind of fault, and the checks that hold all the same.
interface Scenario {
    /// For the report.
    String fault();

    /// Leaves nothing broken and no process behind.
    Outcome run(ChaosRun run);
}
