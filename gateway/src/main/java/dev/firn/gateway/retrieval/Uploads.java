package dev.firn.gateway.retrieval;

import dev.firn.events.RetrievalRequest;
import dev.firn.events.SpineKind;
import dev.firn.gateway.http.Call;
import dev.firn.gateway.problem.Refusal;
import dev.firn.lake.LakeCode;
import dev.firn.lake.LakeFaults;
import dev.firn.lake.LakeOutage;
import dev.firn.lake.storage.PutOutcome;
import dev.firn.lake.storage.Storage;
import dev.firn.schemas.Code;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.RandomAccessFile;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.DigestOutputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.concurrent.CompletionException;
import java.util.regex.Pattern;

/// Puts the rows of a body on the object store, under a name that is the digest of its content: the same rows have the
/// same location, so the same call again is the same request. Thread-safe.
///
/// A body is written to a temporary file first, so a body that is cut off leaves nothing, and the heap holds a buffer.
public final class Uploads {
    private static final Pattern NAME = Pattern.compile("[0-9a-f]{64}");
    private static final String MARKS = "/_used/";
    private static final int NAME_LENGTH = 64;
    private static final byte[] PARQUET = "PAR1".getBytes(StandardCharsets.US_ASCII);
    private static final int BUFFER_BYTES = 64 << 10;
    private static final FileAttribute<?> OWNER_ONLY =
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------"));
    private static final int SMALL_BYTES = 1 << 20;

    private final Storage storage;
    private final Settings settings;
    private final UploadSpace space;

    /// @param location folder of the uploads
    /// @param scratch folder for temporary files
    /// @param quotaBytes of all temporary files
    public record Settings(String location, Path scratch, long maxBytes, long quotaBytes) {}

    public Uploads(Storage storage, Settings settings) {
        this.storage = storage;
        this.settings = settings;
        this.space = new UploadSpace(settings.quotaBytes());
    }

    static boolean isName(String file) {
        return NAME.matcher(file).matches();
    }

    /// Notes that the upload is used now, which keeps it for another time to live. Before a request that names it is
    /// sent; see [UploadSweep].
    void use(String upload) {
        try (OutputStream out = storage.output(mark(upload)).createOrOverwrite()) {
            out.write('\n');
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (RuntimeException e) {
            throw storing(upload, e);
        }
    }

    /// Notes the use of each upload that the request names.
    public void useAllOf(RetrievalRequest request) {
        String folder = settings.location() + "/";
        request.getSpine().getLocations().stream()
                .filter(location -> location.startsWith(folder) && isName(location.substring(folder.length())))
                .forEach(this::use);
    }

    /// Written at each use of an upload.
    static String mark(String upload) {
        return markFolder(upload) + "/last";
    }

    /// A folder for one file, which can be looked at alone.
    static String markFolder(String upload) {
        int slash = upload.lastIndexOf('/');
        return upload.substring(0, slash) + MARKS + upload.substring(slash + 1);
    }

    /// The upload that a file in the folder of the uploads is, or marks; empty if it is neither.
    static String ofFile(String folder, String file) {
        String path = file.substring(folder.length());
        String name =
                path.startsWith(MARKS) ? path.substring(MARKS.length()).replaceFirst("/last$", "") : path.substring(1);
        return isName(name) ? folder + "/" + name : "";
    }

    /// A location such as uploads have, for checks before there is one.
    String anyLocation() {
        return settings.location() + "/" + "0".repeat(NAME_LENGTH);
    }

    /// Bytes of the temporary files of uploads in progress.
    public long bytesInUse() {
        return space.bytesInUse();
    }

    /// Reads a form into temporary files.
    Form form(Call call) throws IOException {
        return Form.read(call, scratch(), settings.maxBytes(), space);
    }

    /// Made again if it was cleaned away.
    private Path scratch() throws IOException {
        return Files.createDirectories(settings.scratch(), OWNER_ONLY);
    }

    /// Stores the rows unless they are there already.
    ///
    /// @param announced length of the body; negative if unknown
    /// @return their location
    String put(InputStream body, long announced, SpineKind kind) throws IOException {
        if (announced > settings.maxBytes()) {
            throw tooLarge();
        }
        Path file = Files.createTempFile(scratch(), "upload-", ".tmp");
        try (UploadSpace.Share share = space.open()) {
            String name = receive(body, file, share);
            requireKind(file, kind);
            String location = settings.location() + "/" + name;
            use(location);
            store(file, location);
            return location;
        } finally {
            Files.deleteIfExists(file);
        }
    }

    /// @return the digest of the content
    private String receive(InputStream body, Path file, UploadSpace.Share share) throws IOException {
        MessageDigest digest = sha256();
        byte[] buffer = new byte[BUFFER_BYTES];
        try (OutputStream out = new DigestOutputStream(Files.newOutputStream(file), digest)) {
            for (int read = body.read(buffer); read >= 0; read = body.read(buffer)) {
                share.take(read);
                if (share.bytes() > settings.maxBytes()) {
                    throw tooLarge();
                }
                out.write(buffer, 0, read);
            }
        }
        return HexFormat.of().formatHex(digest.digest());
    }

    private Refusal tooLarge() {
        return Refusal.of(Code.BODY_TOO_LARGE, "The rows may have at most %,d bytes.".formatted(settings.maxBytes()));
    }

    /// A Parquet file begins and ends with its magic; text has no zero byte.
    private static void requireKind(Path file, SpineKind kind) throws IOException {
        boolean isParquet = isParquet(file);
        if ((kind == SpineKind.PARQUET) != isParquet) {
            throw Refusal.of(
                    Code.UNSUPPORTED_MEDIA_TYPE,
                    kind == SpineKind.PARQUET
                            ? "The body is not a whole Parquet file: it must begin and end with PAR1."
                            : "The body is a Parquet file, but its Content-Type says CSV.");
        }
        if (kind == SpineKind.CSV && hasZero(file)) {
            throw Refusal.of(Code.UNSUPPORTED_MEDIA_TYPE, "The body is not CSV: it has a zero byte.");
        }
    }

    private static boolean isParquet(Path file) throws IOException {
        try (RandomAccessFile bytes = new RandomAccessFile(file.toFile(), "r")) {
            if (bytes.length() < 3L * PARQUET.length) {
                return false;
            }
            byte[] magic = new byte[PARQUET.length];
            bytes.readFully(magic);
            boolean begins = Arrays.equals(magic, PARQUET);
            bytes.seek(bytes.length() - PARQUET.length);
            bytes.readFully(magic);
            return begins && Arrays.equals(magic, PARQUET);
        }
    }

    private static boolean hasZero(Path file) throws IOException {
        try (InputStream in = Files.newInputStream(file)) {
            for (byte one : in.readNBytes(BUFFER_BYTES)) {
                if (one == 0) {
                    return true;
                }
            }
            return false;
        }
    }

    /// A small file is put with `If-None-Match: *`. A large one goes up in parts: whoever races writes the same bytes.
    private void store(Path file, String location) throws IOException {
        long bytes = Files.size(file);
        if (bytes <= SMALL_BYTES) {
            // the same content counts as created; the gateway did not upload other content under this name
            if (storage.putIfAbsent(location, Files.readAllBytes(file)) == PutOutcome.ALREADY_THERE) {
                overwrite(file, location);
            }
        } else if (!isStored(location, bytes)) {
            overwrite(file, location);
        }
    }

    private void overwrite(Path file, String location) throws IOException {
        try {
            copy(file, storage.output(location).createOrOverwrite());
        } catch (RuntimeException e) {
            throw storing(location, e);
        }
    }

    /// The stream of the store throws exceptions of the AWS SDK; those of its parts come as CompletionException.
    private static RuntimeException storing(String location, RuntimeException fault) {
        return LakeFaults.ofSpineFile(location, fault)
                .orElseGet(() -> fault instanceof CompletionException
                        ? new LakeOutage(LakeCode.STORAGE_UNAVAILABLE, "[%s] storing failed".formatted(location), fault)
                        : fault);
    }

    /// A file of another length was written by an upload that broke off; it is written again.
    private boolean isStored(String location, long bytes) {
        return storage.list(location).stream().anyMatch(found -> found.bytes() == bytes);
    }

    /// Closes the stream only after the last byte: to close it completes the file, so what broke off must stay open.
    static void copy(Path file, OutputStream out) throws IOException {
        Files.copy(file, out);
        out.close();
    }

    private static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JDK has SHA-256", e);
        }
    }
}
