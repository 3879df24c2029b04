package dev.firn.gateway.access;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.crypto.MACSigner;
import com.nimbusds.jose.crypto.RSASSASigner;
import com.nimbusds.jose.jwk.JWKSet;
import com.nimbusds.jose.jwk.RSAKey;
import com.nimbusds.jose.jwk.gen.RSAKeyGenerator;
import com.nimbusds.jwt.JWTClaimsSet;
import com.nimbusds.jwt.PlainJWT;
import com.nimbusds.jwt.SignedJWT;
import com.sun.net.httpserver.HttpServer;
import dev.firn.config.FirnConfig;
import dev.firn.config.Settings;
import dev.firn.gateway.problem.Refusal;
import dev.firn.schemas.Code;
import dev.firn.service.ServiceRefusedException;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.Date;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class CallersTest {
    private static final String ISSUER = "https://issuer.example";
    private static final String RULES = """
            {"rules": [{"principals": ["alice"], "read": {"views": ["a*"]}},
                       {"principals": ["*"], "read": {"views": ["public"]}}]}
            """;

    private Path folder;
    private HttpServer issuer;
    private RSAKey key;

    @BeforeEach
    void startIssuer(@TempDir Path temporary) throws IOException, JOSEException {
        folder = temporary;
        key = new RSAKeyGenerator(2048).keyID("k1").generate();
        issuer = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        issuer.createContext("/keys", exchange -> {
            byte[] keys = new JWKSet(key.toPublicJWK()).toString().getBytes(StandardCharsets.UTF_8);
            exchange.sendResponseHeaders(200, keys.length);
            try (exchange) {
                exchange.getResponseBody().write(keys);
            }
        });
        issuer.start();
    }

    @AfterEach
    void stopIssuer() {
        issuer.stop(0);
    }

    private FirnConfig.Gateway config(String... settings) {
        Map<String, String> properties = new HashMap<>();
        for (int i = 0; i < settings.length; i += 2) {
            properties.put("firn.gateway." + settings[i], settings[i + 1]);
        }
        return Settings.load(Map.of(), properties).gateway();
    }

    private String file(String name, String text) {
        try {
            return Files.writeString(folder.resolve(name), text).toString();
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    private Callers withIssuer() {
        return Callers.of(config(
                "oidc.issuer",
                ISSUER,
                "oidc.jwks-uri",
                "http://127.0.0.1:%d/keys".formatted(issuer.getAddress().getPort()),
                "oidc.clock-skew",
                "0s",
                "rules-file",
                file("rules.json", RULES)));
    }

    private String token(JWTClaimsSet claims) {
        try {
            SignedJWT jwt = new SignedJWT(
                    new JWSHeader.Builder(JWSAlgorithm.RS256).keyID("k1").build(), claims);
            jwt.sign(new RSASSASigner(key));
            return jwt.serialize();
        } catch (JOSEException e) {
            throw new AssertionError(e);
        }
    }

    private static JWTClaimsSet.Builder claims() {
        return new JWTClaimsSet.Builder()
                .issuer(ISSUER)
                .audience("firn")
                .subject("alice")
                .expirationTime(Date.from(Instant.now().plusSeconds(60)));
    }

    private static Callers.Credentials bearer(String token) {
        return header("Bearer " + token);
    }

    private static Callers.Credentials header(String authorization) {
        return new Callers.Credentials(Optional.of(authorization), Optional.empty(), Optional.empty());
    }

    private static final Callers.Credentials NONE =
            new Callers.Credentials(Optional.empty(), Optional.empty(), Optional.empty());

    private static void refuses(Callers callers, Callers.Credentials authorization) {
        assertThatThrownBy(() -> callers.of(authorization))
                .isInstanceOfSatisfying(
                        Refusal.class, e -> assertThat(e.problem().code()).isEqualTo(Code.UNAUTHENTICATED));
    }

    @Test
    void isOpenOnTheLoopbackInterfaceOnly() {
        assertThat(Callers.of(config("host", "127.0.0.1")).of(NONE).isAdministrator())
                .isTrue();
        assertThatThrownBy(() -> Callers.of(config("host", "0.0.0.0")))
                .isInstanceOfSatisfying(
                        ServiceRefusedException.class,
                        e -> assertThat(e.code()).isEqualTo(Code.AUTHENTICATION_REQUIRED));
    }

    @ParameterizedTest
    @CsvSource(
            nullValues = "-",
            value = {
                "localhost:8088, -, true",
                "127.0.0.1:8088, http://127.0.0.1:8088, true",
                "[::1]:8088, http://[::1]:8088, true",
                "-, -, true",
                "firn.example, -, false",
                "127.0.0.1.example:8088, -, false",
                "127.0.0.1:8088, https://page.example, false",
                "127.0.0.1:8088, http://127.0.0.1:1, false",
                "127.0.0.1:8088, null, false",
                "127.0.0.1:8088, 'no uri', false"
            })
    void anOpenGatewayIsNotForPagesOfOtherSites(@Nullable String host, @Nullable String origin, boolean isServed) {
        Callers callers = Callers.of(config("host", "127.0.0.1"));
        Callers.Credentials credentials =
                new Callers.Credentials(Optional.empty(), Optional.ofNullable(host), Optional.ofNullable(origin));
        if (isServed) {
            assertThat(callers.of(credentials).principal()).isEqualTo(Caller.ANONYMOUS);
        } else {
            assertThatThrownBy(() -> callers.of(credentials))
                    .isInstanceOfSatisfying(
                            Refusal.class, e -> assertThat(e.problem().code()).isEqualTo(Code.FORBIDDEN));
        }
    }

    @Test
    void knowsTokensByTheirDigest() throws IOException {
        String tokens = file("tokens", "alice=" + TokensFile.digest("secret"));
        Callers callers =
                Callers.of(config("host", "0.0.0.0", "tokens-file", tokens, "rules-file", file("rules.json", RULES)));

        Caller alice = callers.of(bearer("secret"));
        assertThat(alice.principal()).isEqualTo("alice");
        assertThat(alice.may(Right.READ, Kind.VIEW, "abc")).isTrue();
        assertThat(alice.may(Right.READ, Kind.VIEW, "public")).isTrue();
        assertThat(alice.may(Right.READ, Kind.VIEW, "b")).isFalse();
        assertThatThrownBy(() -> alice.require(Right.REGISTER, Kind.VIEW, "abc"))
                .isInstanceOfSatisfying(
                        Refusal.class, e -> assertThat(e.problem().code()).isEqualTo(Code.FORBIDDEN));
        refuses(callers, bearer("guess"));
        refuses(callers, NONE);
        refuses(callers, header("Basic c2VjcmV0"));

        // a new file counts at once, a wrong one not at all
        Files.writeString(Path.of(tokens), "bob=" + TokensFile.digest("other"));
        Files.setLastModifiedTime(Path.of(tokens), FileTime.from(Instant.now().plusSeconds(10)));
        assertThat(callers.of(bearer("other")).principal()).isEqualTo("bob");
        refuses(callers, bearer("secret"));
        Files.writeString(Path.of(tokens), "bob=plain-text");
        Files.setLastModifiedTime(Path.of(tokens), FileTime.from(Instant.now().plusSeconds(20)));
        assertThat(callers.of(bearer("other")).principal()).isEqualTo("bob");
    }

    @Test
    void refusesToStartWithRulesThatItCannotRead() {
        String tokens = file("tokens", "alice=" + TokensFile.digest("secret"));
        for (String rules : new String[] {"{", "{}", "{\"rules\": [{\"principals\": [\"a\"], \"reed\": {}}]}"}) {
            assertThatThrownBy(() -> Callers.of(config("tokens-file", tokens, "rules-file", file("wrong.json", rules))))
                    .as(rules)
                    .isInstanceOfSatisfying(
                            ServiceRefusedException.class,
                            e -> assertThat(e.code()).isEqualTo(Code.RULES_INVALID));
        }
    }

    @Test
    void acceptsTokensOfTheIssuer() {
        assertThat(withIssuer().of(bearer(token(claims().build()))).principal()).isEqualTo("alice");
    }

    @Test
    void refusesTokensThatAreNotForIt() throws JOSEException {
        Callers callers = withIssuer();

        refuses(callers, bearer(token(claims().audience("other").build())));
        refuses(callers, bearer(token(claims().issuer("https://other.example").build())));
        refuses(
                callers,
                bearer(token(claims().expirationTime(Date.from(Instant.now().minusSeconds(1)))
                        .build())));
        refuses(callers, bearer(token(claims().expirationTime(null).build())));
        refuses(callers, bearer(token(claims().subject(null).build())));
        refuses(callers, bearer(new PlainJWT(claims().build()).serialize()));
        refuses(callers, bearer("no.jwt.atall"));
        // the public key as a shared secret
        SignedJWT forged = new SignedJWT(new JWSHeader(JWSAlgorithm.HS256), claims().build());
        forged.sign(new MACSigner(key.toPublicJWK().toString().getBytes(StandardCharsets.UTF_8)));
        refuses(callers, bearer(forged.serialize()));
        // a key that the issuer does not have
        RSAKey other = new RSAKeyGenerator(2048).keyID("k1").generate();
        SignedJWT stolen = new SignedJWT(
                new JWSHeader.Builder(JWSAlgorithm.RS256).keyID("k1").build(), claims().build());
        stolen.sign(new RSASSASigner(other));
        refuses(callers, bearer(stolen.serialize()));
    }

    /// A blank name would be that of whoever asks over Kafka, `anonymous` that of all callers of an open
    /// gateway, and one that does not fit into a header would be lost on the way.
    @Test
    void noCallerHasANameThatMeansSomethingElse() {
        Callers callers = withIssuer();
        for (String name : new String[] {"", " ", "anonymous", "a\nb", "a".repeat(256)}) {
            refuses(callers, bearer(token(claims().subject(name).build())));
        }
        String digest = TokensFile.digest("secret");
        for (String tokens : new String[] {
            "=" + digest, "anonymous=" + digest, "a\\nb=" + digest, "alice=%1$s\nbob=%1$s".formatted(digest)
        }) {
            assertThatThrownBy(() -> Callers.of(
                            config("tokens-file", file("wrong", tokens), "rules-file", file("rules.json", RULES))))
                    .as(tokens)
                    .isInstanceOfSatisfying(
                            ServiceRefusedException.class,
                            e -> assertThat(e.code()).isEqualTo(Code.RULES_INVALID));
        }
        assertThat(callers.of(bearer(token(claims().subject("ä".repeat(255)).build())))
                        .principal())
                .hasSize(255);
    }

    @Test
    void saysThatTheIssuerIsAway() {
        Callers callers = withIssuer();
        issuer.stop(0);

        assertThatThrownBy(() -> callers.of(bearer(token(claims().build()))))
                .isInstanceOfSatisfying(
                        Refusal.class, e -> assertThat(e.problem().code()).isEqualTo(Code.ISSUER_UNAVAILABLE));
    }
}
