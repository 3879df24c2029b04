package dev.firn.lake.scan;

/// What was not read for one reason.
///
/// @param files data files as a whole
/// @param rowGroups row groups of files that were opened
/// @param pages data pages of the columns that decide the join, of row groups that were read
/// @param bytes of these files, row groups and pages; files that planning did not list count none
public record Skipped(long files, long rowGroups, long pages, long bytes) {
    public static final Skipped NOTHING = new Skipped(0, 0, 0, 0);

    public Skipped plus(Skipped other) {
        return new Skipped(files + other.files, rowGroups + other.rowGroups, pages + other.pages, bytes + other.bytes);
    }
}
