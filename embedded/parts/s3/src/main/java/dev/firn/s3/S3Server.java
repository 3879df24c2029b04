package dev.firn.s3;

import static java.util.Objects.requireNonNull;

import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Properties;
import org.eclipse.jetty.ee10.servlet.ServletContextHandler;
import org.eclipse.jetty.ee10.servlet.ServletHolder;
import org.eclipse.jetty.http.HttpCompliance;
import org.eclipse.jetty.http.UriCompliance;
import org.eclipse.jetty.server.HttpConfiguration;
import org.eclipse.jetty.server.HttpConnectionFactory;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.ServerConnector;
import org.gaul.s3proxy.ConditionalWriteServlet;
import org.gaul.s3proxy.nio2blob.FilesystemNio2BlobApiMetadata;
import org.jclouds.ContextBuilder;
import org.jclouds.blobstore.BlobStore;
import org.jclouds.blobstore.BlobStoreContext;

/// An S3 server on the loopback interface that stores buckets as sub-folders of a folder and objects as files.
///
/// Requests must be signed with its only key pair. It is ready when [#start] returns and `GET /healthz` answers.
public final class S3Server implements AutoCloseable {
    private static final String HOST = "127.0.0.1";

    private final Server http;
    private final ServerConnector connector;
    private final BlobStoreContext context;

    private S3Server(Server http, ServerConnector connector, BlobStoreContext context) {
        this.http = http;
        this.connector = connector;
        this.context = context;
    }

    /// Settings of a server. Port 0 stands for any free port.
    public record Settings(Path folder, int port, String accessKey, String secretKey, String bucket) {
        /// Reads `FIRN_S3_FOLDER`, `FIRN_S3_PORT`, `FIRN_S3_ACCESS_KEY`, `FIRN_S3_SECRET_KEY` and `FIRN_S3_BUCKET`.
        /// They are not arguments because the process list shows arguments, and one of them is a secret.
        static Settings fromEnvironment() {
            return new Settings(
                    Path.of(required("FIRN_S3_FOLDER")),
                    Integer.parseInt(required("FIRN_S3_PORT")),
                    required("FIRN_S3_ACCESS_KEY"),
                    required("FIRN_S3_SECRET_KEY"),
                    required("FIRN_S3_BUCKET"));
        }

        private static String required(String name) {
            return requireNonNull(System.getenv(name), () -> name + " is not set");
        }

        @Override
        public String toString() {
            return "Settings[folder=%s, port=%d, accessKey=%s, bucket=%s]".formatted(folder, port, accessKey, bucket);
        }
    }

    /// Starts a server and creates its bucket.
    public static S3Server start(Settings settings) throws IOException {
        Files.createDirectories(settings.folder());
        Properties overrides = new Properties();
        overrides.setProperty(
                "jclouds.filesystem.basedir", settings.folder().toAbsolutePath().toString());
        BlobStoreContext context = ContextBuilder.newBuilder(new FilesystemNio2BlobApiMetadata())
                .credentials("local", "local")
                .overrides(overrides)
                .build(BlobStoreContext.class);
        context.getBlobStore().createContainerInLocation(null, settings.bucket());
        BlobStore store = new AtomicBlobStore(context.getBlobStore());
        ServletContextHandler servlets = new ServletContextHandler();
        servlets.addServlet(
                new ServletHolder(new ConditionalWriteServlet(store, settings.accessKey(), settings.secretKey())),
                "/*");
        Server http = new Server();
        ServerConnector connector = new ServerConnector(http, new HttpConnectionFactory(lenient()));
        connector.setHost(HOST);
        connector.setPort(settings.port());
        http.addConnector(connector);
        http.setHandler(servlets);
        try {
            http.start();
        } catch (Exception e) {
            context.close();
            throw new IOException("[%s:%d] the S3 server cannot start".formatted(HOST, settings.port()), e);
        }
        return new S3Server(http, connector, context);
    }

    /// As in S3Proxy: keys contain characters that Jetty rejects by default.
    private static HttpConfiguration lenient() {
        HttpConfiguration configuration = new HttpConfiguration();
        configuration.setHttpCompliance(HttpCompliance.LEGACY);
        configuration.setUriCompliance(UriCompliance.LEGACY);
        configuration.setHeaderCacheCaseSensitive(true);
        configuration.setSendServerVersion(false);
        return configuration;
    }

    public URI endpoint() {
        return URI.create("http://%s:%d".formatted(HOST, connector.getLocalPort()));
    }

    @Override
    public void close() throws IOException {
        try {
            http.stop();
        } catch (Exception e) {
            throw new IOException("[%s] the S3 server cannot stop".formatted(endpoint()), e);
        } finally {
            context.close();
        }
    }

    public static void main(String[] arguments) throws Exception {
        S3Server server = start(Settings.fromEnvironment());
        System.out.println("S3 server on " + server.endpoint());
    }
}
