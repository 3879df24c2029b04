package dev.firn.gateway.retrieval;

import dev.firn.gateway.http.Bodies;
import dev.firn.gateway.http.BodyBrokenOffException;
import dev.firn.gateway.http.Call;
import dev.firn.gateway.problem.Refusal;
import dev.firn.schemas.Code;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.util.Locale;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.http.MultiPart;
import org.eclipse.jetty.http.MultiPartFormData;
import org.eclipse.jetty.io.Content;
import org.eclipse.jetty.util.Blocker;

/// The parts of a multipart form, in temporary files that count against the space of uploads. Closing it deletes them.
///
/// Jetty's parser reads it, but not through the servlet API: that counts nothing.
final class Form implements AutoCloseable {
    /// Two are needed.
    private static final int MAX_PARTS = 16;

    private static final int MAX_PART_HEADERS_BYTES = 8 << 10;

    private final MultiPartFormData.Parts parts;
    private final UploadSpace.Share share;

    private Form(MultiPartFormData.Parts parts, UploadSpace.Share share) {
        this.parts = parts;
        this.share = share;
    }

    /// Reads the whole form.
    ///
    /// @param maxBytes of all parts
    static Form read(Call call, Path scratch, long maxBytes, UploadSpace space) throws IOException {
        String boundary = MultiPart.extractBoundary(call.header("Content-Type").orElse(""));
        if (boundary == null) {
            throw Refusal.of(Code.UNSUPPORTED_MEDIA_TYPE, "The Content-Type of a form must name its boundary.");
        }
        MultiPartFormData.Parser parser = new MultiPartFormData.Parser(boundary);
        parser.setFilesDirectory(scratch);
        // whatever the client names a part: the heap holds none of it
        parser.setMaxMemoryFileSize(0);
        parser.setUseFilesForPartsWithoutFileName(true);
        parser.setMaxFileSize(maxBytes);
        parser.setMaxLength(maxBytes);
        parser.setMaxParts(MAX_PARTS);
        parser.setPartHeadersMaxLength(MAX_PART_HEADERS_BYTES);
        UploadSpace.Share share = space.open();
        try {
            Content.Source body = Content.Source.from(share.counting(Bodies.stream(call)));
            // reads on this thread, and blocks
            MultiPartFormData.Parts parts = Blocker.blockWithPromise(promise -> parser.parse(body, promise));
            return new Form(parts, share);
        } catch (IOException | RuntimeException e) {
            share.close();
            throw refusal(e);
        } catch (Error e) {
            share.close();
            throw e;
        }
    }

    /// What the parser stopped at. Its own faults of input and output are those of the disk.
    private static RuntimeException refusal(Exception fault) throws IOException {
        return switch (fault) {
            case Refusal refusal -> refusal;
            case EOFException cut -> throw new BodyBrokenOffException(cut);
            case IOException broken -> throw broken;
            case IllegalStateException _ ->
                Refusal.of(Code.BODY_TOO_LARGE, "The form has too many or too large parts.");
            default -> Refusal.of(Code.BODY_INCOMPLETE, "The form cannot be read.");
        };
    }

    /// @throws Refusal if the form has no such part
    MultiPart.Part part(String name) {
        MultiPart.Part part = parts.getFirst(name);
        if (part == null) {
            throw Refusal.of(Code.BAD_PARAMETER, "The form needs the parts 'request' and 'rows'.");
        }
        return part;
    }

    static InputStream content(MultiPart.Part part) {
        return Content.Source.asInputStream(part.createContentSource());
    }

    /// Without parameters, in lower case.
    static String mediaType(MultiPart.Part part) {
        String type = part.getHeaders().get(HttpHeader.CONTENT_TYPE);
        return type == null ? "" : type.split(";", 2)[0].strip().toLowerCase(Locale.ROOT);
    }

    @Override
    public void close() {
        try {
            parts.close();
        } finally {
            share.close();
        }
    }
}
