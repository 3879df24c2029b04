package dev.firn.retrieval.commit;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.firn.events.Pins;
import dev.firn.events.RetrievalResult;
import dev.firn.lake.targets.TargetRun;
import dev.firn.schemas.Ids;
import dev.firn.schemas.Micros;
import dev.firn.service.result.Manifest;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/// What a table's snapshot says of the result that it holds.
final class CommittedRun {
    /// A snapshot's summary is read with the table's metadata, by everybody. The manifest has all pins.
    private static final int MAX_PINS_LENGTH = 4_096;

    private CommittedRun() {}

    static TargetRun of(Manifest outcome) {
        RetrievalResult result = outcome.result();
        String id = result.getRequestId();
        Map<String, String> summary = new HashMap<>();
        summary.put("firn.content-digest", result.getContentDigest());
        putIfKnown(summary, "firn.manifest", result.getManifestLocation());
        putIfKnown(summary, "firn.standing-id", result.getStandingId());
        Pins pins = outcome.pins();
        if (pins != null) {
            String text = text(pins);
            if (text.length() <= MAX_PINS_LENGTH) {
                summary.put("firn.pins", text);
            }
        }
        // an id that is no run's becomes new when its result is swept
        long number = Ids.runNumber(id).orElseGet(() -> Micros.of(result.getCompletedAt()));
        return new TargetRun(id, number, Objects.requireNonNull(outcome.folder()), summary, outcome.madeFrom());
    }

    private static void putIfKnown(Map<String, String> summary, String key, @Nullable String value) {
        if (value != null) {
            summary.put(key, value);
        }
    }

    /// T, and the snapshot of each view by its alias.
    private static String text(Pins pins) {
        ObjectNode json = JsonNodeFactory.instance.objectNode();
        json.put("as_of", pins.getAsOf().toString());
        ObjectNode views = json.putObject("views");
        pins.getViews().forEach(pin -> views.put(pin.getAlias(), pin.getSnapshotId()));
        if (pins.getSpineSnapshotId() != null) {
            json.put("spine", pins.getSpineSnapshotId());
        }
        return json.toString();
    }
}
