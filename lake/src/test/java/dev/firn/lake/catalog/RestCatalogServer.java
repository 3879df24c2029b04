package dev.firn.lake.catalog;

import com.fasterxml.jackson.annotation.JsonAutoDetect;
import com.fasterxml.jackson.annotation.PropertyAccessor;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.PropertyNamingStrategies;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;
import org.apache.iceberg.SnapshotRef;
import org.apache.iceberg.catalog.Namespace;
import org.apache.iceberg.catalog.TableIdentifier;
import org.apache.iceberg.exceptions.AlreadyExistsException;
import org.apache.iceberg.exceptions.CommitFailedException;
import org.apache.iceberg.exceptions.NoSuchNamespaceException;
import org.apache.iceberg.exceptions.NoSuchTableException;
import org.apache.iceberg.exceptions.NoSuchViewException;
import org.apache.iceberg.exceptions.NotAuthorizedException;
import org.apache.iceberg.jdbc.JdbcCatalog;
import org.apache.iceberg.rest.CatalogHandlers;
import org.apache.iceberg.rest.Endpoint;
import org.apache.iceberg.rest.RESTCatalogProperties.SnapshotMode;
import org.apache.iceberg.rest.RESTSerializers;
import org.apache.iceberg.rest.RESTUtil;
import org.apache.iceberg.rest.requests.CreateNamespaceRequest;
import org.apache.iceberg.rest.requests.CreateTableRequest;
import org.apache.iceberg.rest.requests.RemoteSignRequest;
import org.apache.iceberg.rest.requests.UpdateTableRequest;
import org.apache.iceberg.rest.responses.ConfigResponse;
import org.apache.iceberg.rest.responses.ErrorResponse;
import org.apache.iceberg.rest.responses.LoadTableResponse;
import org.apache.iceberg.rest.responses.OAuthTokenResponse;
import org.jspecify.annotations.Nullable;

/// Iceberg's REST protocol over a JDBC catalog: OAuth2 tokens for one client, and `grants` added to the response for
/// each table. Every request except the one for a token needs the token.
public final class RestCatalogServer implements AutoCloseable {
    static final String CLIENT = "firn";
    static final String SECRET = "rest-client-secret";
    public static final String TOKEN = "rest-bearer-token";

    private static final String SEPARATOR = "%1F";
    private static final ObjectMapper JSON = JsonMapper.builder()
            .disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
            .visibility(PropertyAccessor.FIELD, JsonAutoDetect.Visibility.ANY)
            .propertyNamingStrategy(PropertyNamingStrategies.KEBAB_CASE)
            .build();

    static {
        RESTSerializers.registerAll(JSON);
    }

    /// Signs a request to the store on behalf of a client without keys.
    interface Signer {
        Object sign(RemoteSignRequest request);
    }

    /// Method and path of each request, in order.
    final List<String> requests = new CopyOnWriteArrayList<>();

    private final HttpServer server;
    private final JdbcCatalog catalog;
    private final UnaryOperator<LoadTableResponse> grants;
    private final Signer signer;
    private volatile int failure;

    /// Serves tables without grants.
    public static RestCatalogServer over(JdbcCatalog catalog) {
        return new RestCatalogServer(catalog, UnaryOperator.identity(), request -> {
            throw new AssertionError("nothing is to be signed, but " + request.uri());
        });
    }

    RestCatalogServer(JdbcCatalog catalog, UnaryOperator<LoadTableResponse> grants, Signer signer) {
        this.catalog = catalog;
        this.grants = grants;
        this.signer = signer;
        try {
            server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        server.createContext("/", this::handle);
        server.start();
    }

    public String uri() {
        return "http://127.0.0.1:" + server.getAddress().getPort();
    }

    /// Answers every request with this status from now on; 0 restores normal answers.
    void failWith(int status) {
        failure = status;
    }

    private void handle(HttpExchange exchange) throws IOException {
        URI uri = exchange.getRequestURI();
        requests.add(exchange.getRequestMethod() + " " + uri.getRawPath());
        try (exchange) {
            byte[] body = exchange.getRequestBody().readAllBytes();
            try {
                respond(exchange, 200, answer(exchange, uri, body));
            } catch (RuntimeException | IOException e) {
                int status = status(e);
                respond(
                        exchange,
                        status,
                        ErrorResponse.builder()
                                .responseCode(status)
                                .withType(e.getClass().getSimpleName())
                                .withMessage(String.valueOf(e.getMessage()))
                                .build());
            }
        }
    }

    private static void respond(HttpExchange exchange, int status, @Nullable Object answer) throws IOException {
        if (answer == null || exchange.getRequestMethod().equals("HEAD")) {
            exchange.sendResponseHeaders(status == 200 ? 204 : status, -1);
            return;
        }
        byte[] bytes = JSON.writeValueAsBytes(answer);
        exchange.getResponseHeaders().add("Content-Type", "application/json");
        exchange.sendResponseHeaders(status, bytes.length);
        exchange.getResponseBody().write(bytes);
    }

    private static int status(Exception e) {
        return switch (e) {
            case Failure failure -> failure.status;
            case NotAuthorizedException unauthorized -> 401;
            case NoSuchTableException missing -> 404;
            case NoSuchNamespaceException missing -> 404;
            case NoSuchViewException missing -> 404;
            case AlreadyExistsException exists -> 409;
            case CommitFailedException conflict -> 409;
            default -> 500;
        };
    }

    private @Nullable Object answer(HttpExchange exchange, URI uri, byte[] body) throws IOException {
        if (failure != 0) {
            throw new Failure(failure);
        }
        List<String> path = Arrays.asList(uri.getRawPath().substring(1).split("/"));
        if (path.equals(List.of("v1", "oauth", "tokens"))) {
            return token(RESTUtil.decodeFormData(new String(body, StandardCharsets.UTF_8)));
        }
        if (!("Bearer " + TOKEN).equals(exchange.getRequestHeaders().getFirst("Authorization"))) {
            throw new NotAuthorizedException("no such token");
        }
        String method = exchange.getRequestMethod();
        return switch (path.size()) {
            case 2 ->
                switch (path.get(1)) {
                    case "config" -> config();
                    case "sign" -> signer.sign(JSON.readValue(body, RemoteSignRequest.class));
                    default -> namespaces(method, uri, body);
                };
            case 3 -> CatalogHandlers.loadNamespace(catalog, namespace(path));
            case 4 -> tables(method, namespace(path), body);
            default -> {
                TableIdentifier name = TableIdentifier.of(namespace(path), RESTUtil.decodePathSegment(path.get(4)));
                yield path.get(3).equals("views")
                        ? CatalogHandlers.loadView(catalog, name)
                        : table(method, name, uri, body);
            }
        };
    }

    private static OAuthTokenResponse token(Map<String, String> form) {
        if (!CLIENT.equals(form.get("client_id")) || !SECRET.equals(form.get("client_secret"))) {
            throw new NotAuthorizedException("unknown client");
        }
        return OAuthTokenResponse.builder()
                .withToken(TOKEN)
                .withTokenType("Bearer")
                .setExpirationInSeconds(3600)
                .build();
    }

    private static ConfigResponse config() {
        return ConfigResponse.builder()
                .withEndpoints(List.of(
                        Endpoint.V1_LIST_NAMESPACES,
                        Endpoint.V1_LOAD_NAMESPACE,
                        Endpoint.V1_CREATE_NAMESPACE,
                        Endpoint.V1_LIST_TABLES,
                        Endpoint.V1_LOAD_TABLE,
                        Endpoint.V1_CREATE_TABLE,
                        Endpoint.V1_UPDATE_TABLE,
                        Endpoint.V1_LOAD_VIEW))
                .build();
    }

    private Object namespaces(String method, URI uri, byte[] body) throws IOException {
        if (method.equals("POST")) {
            return CatalogHandlers.createNamespace(catalog, JSON.readValue(body, CreateNamespaceRequest.class));
        }
        Namespace parent = Optional.ofNullable(query(uri).get("parent"))
                .map(RESTUtil::namespaceFromQueryParam)
                .orElse(Namespace.empty());
        return CatalogHandlers.listNamespaces(catalog, parent);
    }

    private Object tables(String method, Namespace namespace, byte[] body) throws IOException {
        return method.equals("POST")
                ? grants.apply(
                        CatalogHandlers.createTable(catalog, namespace, JSON.readValue(body, CreateTableRequest.class)))
                : CatalogHandlers.listTables(catalog, namespace);
    }

    private Object table(String method, TableIdentifier name, URI uri, byte[] body) throws IOException {
        LoadTableResponse table = grants.apply(
                method.equals("POST")
                        ? CatalogHandlers.updateTable(catalog, name, JSON.readValue(body, UpdateTableRequest.class))
                        : CatalogHandlers.loadTable(catalog, name, SnapshotMode.ALL));
        return "refs".equals(query(uri).get("snapshots")) ? withReferencedSnapshots(table) : table;
    }

    /// Does what Iceberg's own handler would do, without its check that fails if there is anything to leave out.
    private static JsonNode withReferencedSnapshots(LoadTableResponse table) {
        Set<Long> referenced = table.tableMetadata().refs().values().stream()
                .map(SnapshotRef::snapshotId)
                .collect(Collectors.toSet());
        JsonNode response = JSON.valueToTree(table);
        for (var snapshots = response.at("/metadata/snapshots").iterator(); snapshots.hasNext(); ) {
            if (!referenced.contains(snapshots.next().get("snapshot-id").asLong())) {
                snapshots.remove();
            }
        }
        return response;
    }

    private static Namespace namespace(List<String> path) {
        return RESTUtil.decodeNamespaceAsPathSegment(path.get(2), SEPARATOR);
    }

    private static Map<String, String> query(URI uri) {
        return uri.getRawQuery() == null ? Map.of() : RESTUtil.decodeFormData(uri.getRawQuery());
    }

    @Override
    public void close() {
        server.stop(0);
    }

    private static final class Failure extends RuntimeException {
        private static final long serialVersionUID = 1L;

        private final int status;

        private Failure(int status) {
            super("out of order");
            this.status = status;
        }
    }
}
