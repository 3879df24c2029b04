package dev.firn.gateway.access;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.firn.config.FirnConfig;
import dev.firn.gateway.problem.Refusal;
import dev.firn.schemas.Code;
import dev.firn.service.ServiceRefusedException;
import java.io.IOException;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// Recognises callers. Without tokens and issuer everyone is anonymous and may do everything, and the gateway
/// listens on the loopback interface only. Thread-safe.
public final class Callers {
    private static final String BEARER = "Bearer ";
    private static final Caller ANONYMOUS = new Caller(Caller.ANONYMOUS, List.of(Rule.everything()));

    private final @Nullable Known known;

    private record Known(Optional<TokensFile> tokens, Optional<OidcTokens> oidc, ReloadedFile<List<Rule>> rules) {}

    private Callers(@Nullable Known known) {
        this.known = known;
    }

    /// @throws ServiceRefusedException if the gateway would be open to others than this machine, or a file is wrong
    public static Callers of(FirnConfig.Gateway config) {
        Optional<Path> rules = config.rulesFile();
        if (rules.isEmpty()) {
            requireLoopback(config.host());
            return new Callers(null);
        }
        try {
            return new Callers(new Known(
                    config.tokensFile().map(TokensFile::new),
                    OidcTokens.of(config.oidc()),
                    new ReloadedFile<>(rules.get(), Callers::rules)));
        } catch (IllegalArgumentException e) {
            throw new ServiceRefusedException(Code.RULES_INVALID, String.valueOf(e.getMessage()));
        }
    }

    private static void requireLoopback(String host) {
        try {
            if (InetAddress.getByName(host).isLoopbackAddress()) {
                return;
            }
        } catch (UnknownHostException e) {
            // not the loopback interface either
        }
        throw new ServiceRefusedException(
                Code.AUTHENTICATION_REQUIRED,
                "[firn.gateway.host=%s] is not the loopback interface, and neither firn.gateway.tokens-file nor firn.gateway.oidc.issuer is set"
                        .formatted(host));
    }

    private static List<Rule> rules(String text) throws IOException {
        JsonNode json = new ObjectMapper().readTree(text).path("rules");
        if (!json.isArray()) {
            throw new IllegalArgumentException("must have a list 'rules'");
        }
        List<Rule> rules = new ArrayList<>();
        json.forEach(rule -> rules.add(Rule.parse(rule)));
        return List.copyOf(rules);
    }

    /// Whether callers have to say who they are.
    public boolean areAuthenticated() {
        return known != null;
    }

    /// What a call says about who sends it.
    public record Credentials(Optional<String> authorization, Optional<String> host, Optional<String> origin) {}

    /// Who sends a call.
    ///
    /// @throws Refusal with 401 if that is not known, with 403 if it is a page of another site
    public Caller of(Credentials credentials) {
        if (known == null) {
            BrowserGuard.check(credentials.host(), credentials.origin());
            return ANONYMOUS;
        }
        String token = credentials
                .authorization()
                .filter(header -> header.regionMatches(true, 0, BEARER, 0, BEARER.length()))
                .map(header -> header.substring(BEARER.length()).strip())
                .orElseThrow(() -> unauthenticated("The call has no bearer token."));
        String principal = known.tokens()
                .flatMap(tokens -> tokens.principal(token))
                .or(() -> known.oidc().map(oidc -> oidc.principal(token)))
                .orElseThrow(() -> unauthenticated("The bearer token is not known."));
        return new Caller(
                principal,
                known.rules().get().stream()
                        .filter(rule -> rule.isAbout(principal))
                        .toList());
    }

    static Refusal unauthenticated(String detail) {
        return Refusal.of(Code.UNAUTHENTICATED, detail);
    }
}
