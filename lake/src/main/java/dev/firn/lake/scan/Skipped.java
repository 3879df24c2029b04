package dev.firn.lake.scan;

/// What was skipped for one reason.
///
/// @param files whole data files
/// @param rowGroups row groups of opened files
/// @param pages data pages of join columns in row groups that were read
/// @param bytes bytes of these files, row groups and pages; 0 for files that planning left out
public record Skipped(long files, long rowGroups, long pages, long bytes) {
    public static final Skipped NOTHING = new Skipped(0, 0, 0, 0);

    public Skipped plus(Skipped other) {
        return new Skipped(files + other.files, rowGroups + other.rowGroups, pages + other.pages, bytes + other.bytes);
    }
}
