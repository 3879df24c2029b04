package dev.firn.gateway.retrieval;

import dev.firn.events.Pins;
import dev.firn.events.RetrievalRequest;
import dev.firn.events.Spine;
import dev.firn.events.ViewPin;
import dev.firn.events.ViewUse;
import dev.firn.gateway.access.Caller;
import dev.firn.gateway.access.Kind;
import dev.firn.gateway.access.Right;
import dev.firn.gateway.problem.Refusal;
import dev.firn.schemas.Code;
import dev.firn.schemas.Ids;
import dev.firn.service.result.Manifest;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Function;

/// Whether a caller may read everything that a retrieval reads: its views, its spine, and what its pins name; and may
/// write to its target.
public final class RequestRights {
    private static final String ALL = "*";

    private final Outcomes outcomes;
    private final String uploads;
    private final Function<Set<String>, Map<String, String>> catalogsOf;

    /// @param uploads folder of the spines that came as bodies: their names cannot be guessed
    /// @param catalogsOf the catalogs of the tables of these views, without those of views that are not known
    public RequestRights(Outcomes outcomes, String uploads, Function<Set<String>, Map<String, String>> catalogsOf) {
        this.outcomes = outcomes;
        this.uploads = uploads;
        this.catalogsOf = catalogsOf;
    }

    /// The same for a request that is sent as it is: it must not pass for a run of a standing retrieval.
    void checkOwn(Caller caller, RetrievalRequest request) {
        String id = request.getRequestId();
        if (Ids.isRunId(id)) {
            throw Refusal.of(Code.REQUEST_ID_RESERVED, "'%s' looks like the id of a run.".formatted(id));
        }
        if (request.getStandingId() != null) {
            throw Refusal.of(Code.STANDING_ID_RESERVED, "Only runs of a standing retrieval have a standing_id.");
        }
        if (request.getPreviousPins() != null) {
            throw Refusal.of(Code.BAD_PARAMETER, "Only runs of a standing retrieval have previous_pins.");
        }
        if (request.getPreviousRun() != null) {
            throw Refusal.of(Code.BAD_PARAMETER, "Only runs of a standing retrieval have a previous_run.");
        }
        check(caller, request);
    }

    /// @throws Refusal with 403 naming the first thing that the caller may not read or write
    public void check(Caller caller, RetrievalRequest request) {
        Map<String, String> views = new HashMap<>();
        for (ViewUse use : request.getViews()) {
            caller.require(Right.READ, Kind.VIEW, use.getView());
            views.put(use.getAlias() == null ? use.getView() : use.getAlias(), use.getView());
        }
        Set<String> read = new TreeSet<>();
        for (String feature : request.getFeatures()) {
            int colon = feature.indexOf(':');
            String name = colon < 0 ? feature : feature.substring(0, colon);
            String view = views.getOrDefault(name, name);
            caller.require(Right.READ, Kind.VIEW, view);
            read.add(view);
        }
        if (request.getRetain()) {
            retain(caller, read);
        }
        // to retain snapshots makes tags on their tables
        Right ofTables = request.getRetain() ? Right.REGISTER : Right.READ;
        spine(caller, request.getSpine(), ofTables);
        if (request.getPins() != null) {
            pins(caller, request.getPins(), ofTables);
        }
        if (request.getPinsLocation() != null) {
            pinsLocation(caller, request.getPinsLocation(), request.getRetain());
        }
        if (request.getTarget() != null) {
            caller.require(Right.REGISTER, Kind.CATALOG, catalog(request.getTarget()));
        }
    }

    /// A view that is not known here may be registered before a worker takes the request.
    private void retain(Caller caller, Set<String> views) {
        Map<String, String> catalogs = catalogsOf.apply(views);
        for (String view : views) {
            String catalog = catalogs.get(view);
            if (catalog == null) {
                retainUnknown(caller, "The catalog of view '%s' is".formatted(view));
            } else {
                caller.require(Right.REGISTER, Kind.CATALOG, catalog);
            }
        }
    }

    /// Whoever may register all catalogs may retain what is not known yet.
    private static void retainUnknown(Caller caller, String what) {
        if (!caller.may(Right.REGISTER, Kind.CATALOG, ALL)) {
            throw Refusal.of(
                    Code.FORBIDDEN,
                    "%s not known, so '%s' may not retain its snapshots.".formatted(what, caller.principal()));
        }
    }

    private void spine(Caller caller, Spine spine, Right ofTable) {
        String table = spine.getTable();
        if (table != null) {
            caller.require(ofTable, Kind.CATALOG, catalog(table));
        }
        for (String location : spine.getLocations()) {
            String file = location.startsWith(uploads + "/") ? location.substring(uploads.length() + 1) : "";
            if (!Uploads.isName(file)) {
                caller.require(Right.READ, Kind.LOCATION, location);
            }
        }
    }

    /// Pins may come from anybody: they name tables themselves.
    private static void pins(Caller caller, Pins pins, Right ofTables) {
        for (ViewPin pin : pins.getViews()) {
            caller.require(Right.READ, Kind.VIEW, pin.getDefinition().getName());
            caller.require(
                    ofTables, Kind.CATALOG, pin.getDefinition().getSource().getCatalog());
        }
    }

    /// Who may read a result may read what it pins. To retain that needs more.
    private void pinsLocation(Caller caller, String location, boolean retain) {
        String root = outcomes.layout().root() + "/";
        String id =
                location.startsWith(root) ? location.substring(root.length()).split("/", 2)[0] : "";
        if (!Ids.isRequestId(id) || !location.equals(outcomes.layout().manifest(id))) {
            throw Refusal.of(
                    Code.FORBIDDEN, "pins_location must be the manifest of a result, not '%s'.".formatted(location));
        }
        Optional<Manifest> outcome = outcomes.find(caller, id);
        if (retain && outcome.isEmpty()) {
            retainUnknown(caller, "The outcome of '%s' is".formatted(id));
        }
        if (retain) {
            outcome.map(Manifest::pins).ifPresent(pins -> pins(caller, pins, Right.REGISTER));
        }
    }

    private static String catalog(String table) {
        int dot = table.indexOf('.');
        return dot < 0 ? table : table.substring(0, dot);
    }
}
