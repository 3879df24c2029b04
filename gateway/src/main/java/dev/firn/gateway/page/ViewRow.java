package dev.firn.gateway.page;

import dev.firn.events.FeatureView;
import dev.firn.events.TableCommit;
import java.time.Duration;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/// A view in the list.
///
/// @param lastCommit the last one of its table that is known, for callers who may read the catalog
public record ViewRow(FeatureView view, @Nullable TableCommit lastCommit) {
    /// `catalog.schema.table`, with the branch or tag if there is one.
    public static String table(FeatureView view) {
        var source = view.getSource();
        String table = "%s.%s.%s".formatted(source.getCatalog(), source.getSchema$(), source.getTableName());
        return source.getRef() == null ? table : table + " @ " + source.getRef();
    }

    /// How long after a commit Firn has seen it; empty if the table has no snapshot.
    public static String lag(TableCommit commit) {
        Instant committed = commit.getCommittedAt();
        return committed == null ? "–" : Figures.duration(Duration.between(committed, commit.getObservedAt()));
    }
}
