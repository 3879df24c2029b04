package dev.firn.cli.render;

/// Progress on a single line that is redrawn. Without a terminal, one line for each new stage.
///
/// Not thread-safe.
public final class ProgressLine implements AutoCloseable {
    private static final int BAR_WIDTH = 24;

    private final Console console;
    private String stage = "";
    private boolean drawn;

    public ProgressLine(Console console) {
        this.console = console;
    }

    /// @param total 0 if unknown
    public void show(String nowStage, long done, long total, String unit) {
        if (console.isInteractive()) {
            console.redraw(line(nowStage, done, total, unit));
            drawn = true;
        } else if (!nowStage.equals(stage)) {
            console.note("  " + nowStage + " …");
        }
        stage = nowStage;
    }

    /// Clears the line.
    @Override
    public void close() {
        if (drawn) {
            console.redraw("");
            drawn = false;
        }
    }

    static String line(String stage, long done, long total, String unit) {
        if (total <= 0) {
            return "  %-10s %s".formatted(stage, done > 0 ? "%,d %s".formatted(done, unit) : "…");
        }
        long shown = Math.clamp(done, 0, total);
        int full = (int) (BAR_WIDTH * (double) shown / total);
        return "  %-10s %s%s %3d %%  %,d of %,d %s"
                .formatted(
                        stage,
                        "█".repeat(full),
                        "░".repeat(BAR_WIDTH - full),
                        (int) (100 * (double) shown / total),
                        done,
                        total,
                        unit)
                .stripTrailing();
    }
}
