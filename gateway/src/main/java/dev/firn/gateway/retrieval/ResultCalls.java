package dev.firn.gateway.retrieval;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import dev.firn.events.ChangesKind;
import dev.firn.events.ResultColumn;
import dev.firn.events.ResultFile;
import dev.firn.events.RetrievalResult;
import dev.firn.events.RetrievalStatus;
import dev.firn.events.RunChanges;
import dev.firn.gateway.http.Call;
import dev.firn.gateway.http.Conditions;
import dev.firn.gateway.problem.Problem;
import dev.firn.gateway.problem.Refusal;
import dev.firn.lake.LakeCode;
import dev.firn.lake.LakeRejection;
import dev.firn.lake.storage.Storage;
import dev.firn.schemas.Code;
import dev.firn.service.result.Manifest;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.file.NoSuchFileException;
import java.util.List;
import java.util.Optional;
import org.apache.iceberg.exceptions.NotFoundException;
import org.apache.iceberg.io.SeekableInputStream;
import org.jspecify.annotations.Nullable;

/// The rows of a result: its files, and a preview.
public final class ResultCalls {
    private static final int OK = 200;
    private static final int PARTIAL = 206;
    private static final int NOT_MODIFIED = 304;
    private static final int PREVIEW_ROWS = 100;
    private static final JsonFactory JSON = new JsonFactory();

    private final Storage storage;
    private final Outcomes outcomes;
    private final Previews previews;
    private final int maxRows;

    public ResultCalls(Storage storage, Outcomes outcomes, Previews previews, int maxRows) {
        this.storage = storage;
        this.outcomes = outcomes;
        this.previews = previews;
        this.maxRows = maxRows;
    }

    /// Streams a file through a small buffer, however large it is.
    public void file(Call call) throws IOException {
        // the manifest is not kept: it may be large, and a client may read slowly
        stream(call, file("The result", succeeded(call).result().getFiles(), call.path("n")), call.path("n"));
    }

    /// Streams a file of what a run changed, in the same way.
    public void changes(Call call) throws IOException {
        stream(call, changesFile(call), call.path("n"));
    }

    private ResultFile changesFile(Call call) {
        RunChanges changes = succeeded(call).result().getChanges();
        if (changes == null || changes.getKind() != ChangesKind.DELTA) {
            throw Refusal.of(
                    Code.NOT_FOUND,
                    "'%s' has no changes%s. Read the whole result."
                            .formatted(call.id("id"), changes == null ? "" : ", because " + changes.getResetReason()));
        }
        return file("The changes", changes.getFiles(), call.path("n"));
    }

    private static ResultFile file(String what, List<ResultFile> files, String number) {
        if (!number.matches("\\d{1,9}") || Integer.parseInt(number) >= files.size()) {
            throw Refusal.of(
                    Code.NOT_FOUND, "%s: %d files, numbered from 0; not '%s'.".formatted(what, files.size(), number));
        }
        return files.get(Integer.parseInt(number));
    }

    private void stream(Call call, ResultFile file, String number) throws IOException {
        String tag = "\"%s\"".formatted(file.getChecksum());
        try {
            if (call.isHead() || Conditions.areIn(call)) {
                // no byte of it may be read, but it must be there
                storage.etag(file.getLocation());
            }
            if (Conditions.isUnchanged(call, tag)) {
                call.tagged(tag);
                call.http().status(NOT_MODIFIED);
            } else if (call.isHead()) {
                describe(call, tag, number);
                call.http().res().setContentLengthLong(file.getBytes());
            } else {
                send(call, file, tag, number);
            }
        } catch (NotFoundException | FileNotFoundException | NoSuchFileException e) {
            throw Outcomes.expired(call.id("id"));
        } catch (LakeRejection e) {
            throw e.lakeCode() == LakeCode.FILE_NOT_FOUND ? Outcomes.expired(call.id("id")) : e;
        }
    }

    private static void describe(Call call, String tag, String number) {
        call.tagged(tag);
        call.http().header("Accept-Ranges", "bytes");
        call.http()
                .header(
                        "Content-Disposition",
                        "attachment; filename=\"part-%08d.parquet\"".formatted(Integer.parseInt(number)));
        call.http().contentType("application/vnd.apache.parquet");
    }

    private void send(Call call, ResultFile file, String tag, String number) throws IOException {
        Optional<ByteRange> range = range(call, Conditions.allowRange(call, tag), file.getBytes());
        try (SeekableInputStream in = storage.input(file.getLocation()).newStream()) {
            FileBytes bytes = FileBytes.open(in, range.orElse(new ByteRange(0, file.getBytes())));
            describe(call, tag, number);
            range.ifPresent(part -> call.http()
                    .header("Content-Range", "bytes %d-%d/%d".formatted(part.from(), part.to() - 1, file.getBytes())));
            call.http().status(range.isPresent() ? PARTIAL : OK);
            call.http().res().setContentLengthLong(bytes.length());
            bytes.sendTo(call.http().res().getOutputStream());
        }
    }

    private static Optional<ByteRange> range(Call call, boolean isWanted, long length) {
        try {
            return isWanted ? ByteRange.parse(call.header("Range"), length) : Optional.empty();
        } catch (Refusal e) {
            call.http().header("Content-Range", "bytes */%d".formatted(length));
            throw e;
        }
    }

    /// `{"columns": [{"name", "type"}, …], "rows": [[…], …], "total_rows": n}`.
    public void rows(Call call) throws IOException {
        RetrievalResult result = succeeded(call).result();
        int limit = call.number("limit", Math.min(PREVIEW_ROWS, maxRows), maxRows);
        List<List<@Nullable Object>> rows = previews.rows(result, limit);
        call.http().status(OK);
        call.http().contentType("application/json");
        write(result, rows, call.http().res().getOutputStream());
    }

    private static void write(RetrievalResult result, List<List<@Nullable Object>> rows, OutputStream out)
            throws IOException {
        try (JsonGenerator json = JSON.createGenerator(out)) {
            json.writeStartObject();
            json.writeArrayFieldStart("columns");
            for (ResultColumn column : result.getColumns()) {
                json.writeStartObject();
                json.writeStringField("name", column.getName());
                json.writeStringField("type", column.getType());
                json.writeEndObject();
            }
            json.writeEndArray();
            json.writeArrayFieldStart("rows");
            for (List<@Nullable Object> row : rows) {
                JsonValues.write(json, row);
            }
            json.writeEndArray();
            json.writeNumberField("total_rows", result.getRows());
            json.writeEndObject();
        } catch (UncheckedIOException e) {
            throw e.getCause();
        }
    }

    /// Not 202 as for the retrieval itself: whoever takes every success for a file would keep the problem as one.
    private static Refusal notYet(String id) {
        return new Refusal(new Problem(
                Problem.CONFLICT, Code.NO_OUTCOME_YET, "'%s' has no outcome yet.".formatted(id), List.of()));
    }

    private Manifest succeeded(Call call) {
        String id = call.id("id");
        Manifest outcome = outcomes.find(call.caller(), id).orElseThrow(() -> notYet(id));
        if (outcome.result().getStatus() != RetrievalStatus.SUCCEEDED) {
            throw Refusal.of(
                    Code.RESULT_HAS_NO_FILES,
                    "'%s' failed: %s".formatted(id, outcome.result().getMessage()));
        }
        return outcome;
    }
}
