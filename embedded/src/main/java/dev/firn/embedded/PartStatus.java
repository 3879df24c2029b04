package dev.firn.embedded;

/// The current state of a part.
///
/// @param alive its process is running
/// @param healthy it also answers its probe
/// @param fault what its probe says of a live part that is not healthy; else empty
public record PartStatus(Part part, boolean alive, boolean healthy, String fault) {
    static PartStatus of(Part part) {
        boolean alive = part.isAlive();
        String fault = alive ? part.probe().fault() : "";
        return new PartStatus(part, alive, alive && fault.isEmpty(), fault);
    }

    @Override
    public String toString() {
        return "%s, %s".formatted(part, healthy ? "healthy" : alive ? fault : "not running");
    }
}
