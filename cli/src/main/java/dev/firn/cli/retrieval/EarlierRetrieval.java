package dev.firn.cli.retrieval;

import dev.firn.cli.command.CommandFailure;
import dev.firn.cli.command.ExitCode;
import dev.firn.events.RetrievalRequest;
import dev.firn.events.Spine;
import dev.firn.events.SpineKind;
import dev.firn.events.ViewUse;
import dev.firn.lake.LakeCode;
import dev.firn.lake.LakeRejection;
import dev.firn.lake.storage.Storage;
import dev.firn.service.result.Manifest;
import dev.firn.service.spine.StoredRows;
import java.util.List;

/// A retrieval that has ended, read from its manifest to be repeated whole.
final class EarlierRetrieval {
    private final Storage storage;
    private final String location;
    private final Manifest manifest;

    private EarlierRetrieval(Storage storage, String location, Manifest manifest) {
        this.storage = storage;
        this.location = location;
        this.manifest = manifest;
    }

    /// @param location of its manifest
    /// @throws CommandFailure if there is none
    static EarlierRetrieval at(String location, Storage storage) {
        try {
            Manifest manifest = Manifest.parse(storage.read(location, Manifest.MAX_BYTES), location);
            return new EarlierRetrieval(storage, location, manifest);
        } catch (LakeRejection e) {
            if (e.lakeCode() == LakeCode.FILE_NOT_FOUND) {
                throw new CommandFailure(
                        ExitCode.NOT_FOUND, "--pins: no retrieval has left a manifest at %s".formatted(location), e);
            }
            throw e;
        } catch (IllegalArgumentException e) {
            throw new CommandFailure(ExitCode.USAGE, "--pins: " + e.getMessage(), e);
        }
    }

    /// The same request with its pins, under another id. Its target table belongs to the earlier one alone.
    ///
    /// @throws CommandFailure if it failed, or its manifest does not have the request
    RetrievalRequest repeated(String requestId) {
        if (manifest.pins() == null) {
            throw CommandFailure.usage("--pins: %s failed, so there is nothing to repeat: %s %s"
                    .formatted(
                            manifest.result().getRequestId(),
                            manifest.result().getCode(),
                            manifest.result().getMessage()));
        }
        RetrievalRequest request = manifest.request();
        if (request == null) {
            throw CommandFailure.usage(
                    "--pins: %s was written before manifests had their request. Give rows and features as you did then"
                            .formatted(location));
        }
        return RetrievalRequest.newBuilder(request)
                .setRequestId(requestId)
                .setSpine(inEvent(request.getSpine()))
                .setViews(request.getViews().stream()
                        .map(EarlierRetrieval::withoutSnapshot)
                        .toList())
                .setPinsLocation(location)
                .setStandingId(null)
                .setTarget(null)
                .build();
    }

    /// The pins say which snapshot is read.
    private static ViewUse withoutSnapshot(ViewUse use) {
        return ViewUse.newBuilder(use)
                .setRef(null)
                .setSnapshotId(null)
                .setSnapshotAsOf(null)
                .build();
    }

    /// Only runs of a standing retrieval may read rows that are stored apart.
    private Spine inEvent(Spine spine) {
        boolean isInline = spine.getKind() == SpineKind.ROWS || spine.getKind() == SpineKind.IDS;
        if (!isInline || spine.getLocations().isEmpty()) {
            return spine;
        }
        String stored = spine.getLocations().getFirst();
        StoredRows rows = StoredRows.parse(storage.read(stored, StoredRows.MAX_BYTES), stored);
        return Spine.newBuilder(spine)
                .setLocations(List.of())
                .setRows(rows.rows())
                .build();
    }
}
