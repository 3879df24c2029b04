package dev.firn.embedded;

import java.security.SecureRandom;
import java.util.HexFormat;

/// Passwords and keys of a stack.
final class Secrets {
    private static final int BYTES = 16;
    private static final SecureRandom RANDOM = new SecureRandom();

    private Secrets() {}

    static String next() {
        byte[] secret = new byte[BYTES];
        RANDOM.nextBytes(secret);
        return HexFormat.of().formatHex(secret);
    }
}
