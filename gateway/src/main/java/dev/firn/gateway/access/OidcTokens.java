package dev.firn.gateway.access;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.KeySourceException;
import com.nimbusds.jose.jwk.source.JWKSource;
import com.nimbusds.jose.jwk.source.JWKSourceBuilder;
import com.nimbusds.jose.proc.BadJOSEException;
import com.nimbusds.jose.proc.JWSVerificationKeySelector;
import com.nimbusds.jose.proc.SecurityContext;
import com.nimbusds.jose.util.DefaultResourceRetriever;
import com.nimbusds.jwt.JWTClaimsSet;
import com.nimbusds.jwt.proc.DefaultJWTClaimsVerifier;
import com.nimbusds.jwt.proc.DefaultJWTProcessor;
import dev.firn.config.FirnConfig;
import dev.firn.gateway.problem.Refusal;
import dev.firn.schemas.Code;
import java.net.MalformedURLException;
import java.net.URI;
import java.text.ParseException;
import java.util.Optional;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// JWTs of one issuer: signed with one of its keys, for this audience, not expired. Only signatures with public keys
/// count: neither `none` nor a shared secret.
final class OidcTokens {
    private static final Logger log = LoggerFactory.getLogger(OidcTokens.class);
    private static final int TIMEOUT_MILLIS = 5_000;
    private static final int MAX_KEYS_BYTES = 1 << 20;
    private static final Set<JWSAlgorithm> ALGORITHMS = Set.of(
            JWSAlgorithm.RS256,
            JWSAlgorithm.RS384,
            JWSAlgorithm.RS512,
            JWSAlgorithm.PS256,
            JWSAlgorithm.PS384,
            JWSAlgorithm.PS512,
            JWSAlgorithm.ES256,
            JWSAlgorithm.ES384,
            JWSAlgorithm.ES512);

    private final DefaultJWTProcessor<SecurityContext> processor = new DefaultJWTProcessor<>();
    private final String principalClaim;

    private OidcTokens(JWKSource<SecurityContext> keys, String issuer, FirnConfig.Oidc config) {
        this.principalClaim = config.principalClaim();
        processor.setJWSKeySelector(new JWSVerificationKeySelector<>(ALGORITHMS, keys));
        DefaultJWTClaimsVerifier<SecurityContext> claims = new DefaultJWTClaimsVerifier<>(
                config.audience(),
                new JWTClaimsSet.Builder().issuer(issuer).build(),
                Set.of("exp", config.principalClaim()));
        claims.setMaxClockSkew(Math.toIntExact(config.clockSkew().toSeconds()));
        processor.setJWTClaimsSetVerifier(claims);
    }

    /// @throws IllegalArgumentException if the address of the keys is none
    static Optional<OidcTokens> of(FirnConfig.Oidc config) {
        if (config.issuer().isEmpty() || config.jwksUri().isEmpty()) {
            return Optional.empty();
        }
        String address = config.jwksUri().get();
        try {
            JWKSource<SecurityContext> keys = JWKSourceBuilder.create(
                            URI.create(address).toURL(),
                            new DefaultResourceRetriever(TIMEOUT_MILLIS, TIMEOUT_MILLIS, MAX_KEYS_BYTES))
                    .retrying(true)
                    .build();
            return Optional.of(new OidcTokens(keys, config.issuer().get(), config));
        } catch (MalformedURLException | IllegalArgumentException e) {
            throw new IllegalArgumentException("[firn.gateway.oidc.jwks-uri=%s] is not a URL".formatted(address), e);
        }
    }

    /// @throws Refusal with 401 if the token is not valid, with 503 if the keys cannot be fetched
    String principal(String token) {
        try {
            Object principal = processor.process(token, null).getClaim(principalClaim);
            if (!(principal instanceof String name)) {
                throw Callers.unauthenticated("The token's claim %s is not a string.".formatted(principalClaim));
            }
            PrincipalName.problem(name).ifPresent(problem -> {
                throw Callers.unauthenticated("The token's claim %s %s.".formatted(principalClaim, problem));
            });
            return name;
        } catch (ParseException | BadJOSEException e) {
            // the library's messages name claims, times and key ids, never the token
            throw Callers.unauthenticated("The token is not valid: %s.".formatted(e.getMessage()));
        } catch (KeySourceException e) {
            log.atWarn().setCause(e).log("The issuer's keys cannot be fetched");
            throw Refusal.of(Code.ISSUER_UNAVAILABLE, "The issuer's keys cannot be fetched.");
        } catch (JOSEException e) {
            throw Callers.unauthenticated("The token is not valid: %s.".formatted(e.getMessage()));
        }
    }
}
