package dev.firn.embedded;

/// The current state of a part.
///
/// @param alive its process is running
/// @param healthy it also answers its probe
public record PartStatus(Part part, boolean alive, boolean healthy) {
    static PartStatus of(Part part) {
        boolean alive = part.isAlive();
        return new PartStatus(part, alive, alive && part.probe().answers());
    }

    @Override
    public String toString() {
        return "%s, %s".formatted(part, healthy ? "healthy" : alive ? "not answering" : "not running");
    }
}
