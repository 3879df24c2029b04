package dev.firn.cli.feast;

import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/// A text file whose first line says who wrote it, and the digest of what follows. So a file that somebody has changed,
/// or that was not written here, is recognised and not overwritten.
///
/// @param body everything after the first line
record GeneratedFile(Path path, String body) {
    private static final String MARKER =
            "# Written by 'firn feast init', which replaces this file unless it was changed. sha256 ";

    /// What is there now, compared with what is to be written.
    enum State {
        ABSENT,
        /// The same text.
        CURRENT,
        /// Written by this command, from other views or options.
        OUTDATED,
        /// Written or changed by somebody else.
        FOREIGN
    }

    State state() throws IOException {
        if (!Files.exists(path)) {
            return State.ABSENT;
        }
        String found;
        try {
            found = Files.readString(path);
        } catch (CharacterCodingException e) {
            return State.FOREIGN;
        }
        int firstEnd = found.indexOf('\n');
        String foundBody = found.substring(firstEnd + 1);
        if (firstEnd < 0 || !found.substring(0, firstEnd).equals(firstLine(foundBody))) {
            return State.FOREIGN;
        }
        return foundBody.equals(body) ? State.CURRENT : State.OUTDATED;
    }

    /// Replaces the file as a whole.
    void write() throws IOException {
        Path next = path.resolveSibling(path.getFileName() + ".next");
        Files.writeString(next, firstLine(body) + "\n" + body);
        Files.move(next, path, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    }

    private static String firstLine(String body) {
        try {
            byte[] digest = MessageDigest.getInstance("SHA-256").digest(body.getBytes(StandardCharsets.UTF_8));
            return MARKER + HexFormat.of().formatHex(digest);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }
}
