package dev.firn.registration.view;

import dev.firn.registration.command.KnownState;
import dev.firn.registration.command.TableLook;
import dev.firn.registration.command.ViewCommand;
import java.util.LinkedHashMap;
import java.util.Map;
import org.apache.iceberg.Schema;
import org.apache.iceberg.SchemaParser;
import org.jspecify.annotations.Nullable;

/// The schemas that were sent ahead of refreshes, the latest of each table and ref, for the last few of them. Each is
/// parsed once, whatever the number of views.
///
/// In memory only. A view whose refresh finds no schema here, after a restart or when too many tables changed at once,
/// asks its table to be told again.
final class TableSchemas {
    private static final int MAX_SCHEMAS = 64;

    private final Map<Place, Received> received = new LinkedHashMap<>(16, 0.75f, true) {
        @Override
        protected boolean removeEldestEntry(Map.Entry<Place, Received> eldest) {
            return size() > MAX_SCHEMAS;
        }
    };

    private record Place(String table, @Nullable String ref) {}

    /// A schema whose parts come one by one.
    private static final class Received {
        private final String tableUuid;
        private final int schemaId;
        private final StringBuilder json = new StringBuilder();
        private int nextPart;
        private @Nullable Schema schema;

        private Received(String tableUuid, int schemaId) {
            this.tableUuid = tableUuid;
            this.schemaId = schemaId;
        }

        private boolean isOf(String uuid, int id) {
            return tableUuid.equals(uuid) && schemaId == id;
        }

        /// @return false if it is not the next part
        private boolean add(ViewCommand.TableSchema.Part part) {
            if (part.number() != nextPart) {
                return false;
            }
            json.append(part.json());
            nextPart++;
            if (nextPart == part.of()) {
                schema = SchemaParser.fromJson(json.toString());
                json.setLength(0);
                json.trimToSize();
            }
            return true;
        }
    }

    void add(ViewCommand.TableSchema sent) {
        Place place = new Place(sent.table(), sent.ref());
        Received known = received.get(place);
        if (sent.part().number() == 0 || known == null || !known.isOf(sent.tableUuid(), sent.schemaId())) {
            known = new Received(sent.tableUuid(), sent.schemaId());
            received.put(place, known);
        }
        if (!known.add(sent.part())) {
            received.remove(place); // its beginning was sent to an earlier incarnation
        }
    }

    /// The schema that the look is about; null if it is not here.
    @Nullable
    Schema find(TableLook.Present look) {
        Received known = received.get(new Place(look.table(), look.ref()));
        KnownState now = look.now();
        return known != null && known.isOf(now.tableUuid(), now.schemaId()) ? known.schema : null;
    }
}
