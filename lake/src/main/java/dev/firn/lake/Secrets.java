package dev.firn.lake;

import java.util.Collection;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;

/// Masks secrets in messages: exceptions of libraries often quote addresses and headers. Immutable.
public final class Secrets {
    private static final Pattern SECRET_KEY = Pattern.compile(
            "password|passwd|secret|token|credential|access-key|account-key|private-key|api-key|sse\\.key");
    private static final Pattern SECRET_PARAMETER = Pattern.compile(
            "(?i)\\b(password|passwd|pwd|secret|token|access_token|client_secret|sig|x-amz-security-token|x-amz-signature)"
                    + "=[^&;,\\s'\"]+");
    private static final Pattern USER_INFO = Pattern.compile("//[^/@\\s]+@");
    private static final Pattern BEARER = Pattern.compile("(?i)\\b(bearer|basic) [A-Za-z0-9._~+/=-]+");
    private static final int MIN_SECRET_LENGTH = 4;
    private static final String MASK = "***";

    private final Set<String> values;

    private Secrets(Set<String> values) {
        this.values = values;
    }

    /// Collects the secret values of the properties, recognised by their keys.
    public static Secrets of(Collection<Map<String, String>> properties) {
        // longest first: a secret that contains another is masked as a whole
        Set<String> values = new TreeSet<>(
                (a, b) -> a.length() != b.length() ? Integer.compare(b.length(), a.length()) : a.compareTo(b));
        for (Map<String, String> each : properties) {
            each.forEach((key, value) -> {
                if (SECRET_KEY.matcher(key.toLowerCase(Locale.ROOT)).find() && value.length() >= MIN_SECRET_LENGTH) {
                    values.add(value);
                }
            });
        }
        return new Secrets(values);
    }

    /// The text with all secrets masked.
    public String masked(String text) {
        String masked = text;
        for (String value : values) {
            masked = masked.replace(value, MASK);
        }
        masked = USER_INFO.matcher(masked).replaceAll("//" + MASK + "@");
        masked = BEARER.matcher(masked).replaceAll("$1 " + MASK);
        return SECRET_PARAMETER.matcher(masked).replaceAll("$1=" + MASK);
    }

    /// Returns the fault itself if no message in its cause chain contains a secret, else a masked copy.
    public Throwable masked(Throwable fault) {
        boolean clean = true;
        int depth = 0;
        for (Throwable t = fault; t != null && depth < MaskedFault.MAX_DEPTH; t = t.getCause(), depth++) {
            clean &= t.toString().equals(masked(t.toString()));
        }
        return clean ? fault : MaskedFault.of(fault, this, 0);
    }

    @Override
    public String toString() {
        return "Secrets[" + values.size() + "]";
    }

    private static final class MaskedFault extends RuntimeException {
        private static final int MAX_DEPTH = 20;

        private MaskedFault(String message, Throwable cause) {
            super(message, cause);
        }

        private MaskedFault(String message) {
            super(message);
        }

        static MaskedFault of(Throwable fault, Secrets secrets, int depth) {
            String message = secrets.masked(fault.toString());
            Throwable cause = fault.getCause();
            MaskedFault copy = cause == null || depth == MAX_DEPTH
                    ? new MaskedFault(message)
                    : new MaskedFault(message, of(cause, secrets, depth + 1));
            copy.setStackTrace(fault.getStackTrace());
            return copy;
        }
    }
}
