package dev.firn.gateway.access;

import java.io.IOException;
import java.io.StringReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import java.util.regex.Pattern;

/// Bearer tokens with their principals. The file holds the SHA-256 of each token, so it gives none away.
final class TokensFile {
    private static final Pattern SHA_256 = Pattern.compile("[0-9a-f]{64}");

    private final ReloadedFile<Map<String, String>> principals;

    TokensFile(Path file) {
        principals = new ReloadedFile<>(file, TokensFile::parse);
    }

    private static Map<String, String> parse(String text) throws IOException {
        Properties properties = new Properties();
        properties.load(new StringReader(text));
        Map<String, String> principals = new HashMap<>();
        for (String principal : properties.stringPropertyNames()) {
            PrincipalName.problem(principal).ifPresent(problem -> {
                throw new IllegalArgumentException("the principal '%s' %s".formatted(principal, problem));
            });
            for (String digest : properties.getProperty(principal).split(",", -1)) {
                String normal = digest.strip().toLowerCase(Locale.ROOT);
                if (!SHA_256.matcher(normal).matches()) {
                    throw new IllegalArgumentException(
                            "the token of '%s' must be a SHA-256 in hexadecimal".formatted(principal));
                }
                String other = principals.put(normal, principal);
                if (other != null && !other.equals(principal)) {
                    throw new IllegalArgumentException("'%s' and '%s' have the same token".formatted(other, principal));
                }
            }
        }
        return Map.copyOf(principals);
    }

    Optional<String> principal(String token) {
        return Optional.ofNullable(principals.get().get(digest(token)));
    }

    static String digest(String token) {
        try {
            byte[] digest = MessageDigest.getInstance("SHA-256").digest(token.getBytes(StandardCharsets.UTF_8));
            return HexFormat.of().formatHex(digest);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JDK has SHA-256", e);
        }
    }
}
