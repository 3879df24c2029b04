package dev.firn.gateway.http;

import io.javalin.http.Context;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.Objects;
import java.util.Properties;

/// The libraries whose files the browser gets. Their folders in the jars have the version in the name.
final class WebJar {
    private static final String NPM = "org.webjars.npm";

    /// The files that the pages need. Jars need not list their folders, so each file is named.
    static final List<File> FILES = List.of(
            file("htmx.org", "/dist/htmx.min.js", "text/javascript"),
            file("htmx-ext-sse", "/sse.js", "text/javascript"),
            file("uplot", "/dist/uPlot.iife.min.js", "text/javascript"),
            file("uplot", "/dist/uPlot.min.css", "text/css"));

    private WebJar() {}

    /// A file of a library, in memory.
    static final class File {
        private final String path;
        private final String type;
        private final byte[] bytes;

        private File(String path, String type, byte[] bytes) {
            this.path = path;
            this.type = type;
            this.bytes = bytes;
        }

        String path() {
            return path;
        }

        void serve(Context http) {
            http.contentType(type);
            http.header("Cache-Control", "max-age=3600");
            http.result(bytes);
        }
    }

    private static File file(String library, String name, String type) {
        String path = "/ui/lib" + name.substring(name.lastIndexOf('/'));
        return new File(path, type + "; charset=utf-8", read(folder(NPM, library) + name));
    }

    /// The folder of a library's files on the class path.
    static String folder(String group, String name) {
        String pom = "/META-INF/maven/%s/%s/pom.properties".formatted(group, name);
        try (InputStream in = WebJar.class.getResourceAsStream(pom)) {
            Properties properties = new Properties();
            properties.load(Objects.requireNonNull(in, pom));
            return "/META-INF/resources/webjars/%s/%s"
                    .formatted(name, Objects.requireNonNull(properties.getProperty("version"), pom));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static byte[] read(String resource) {
        try (InputStream in = WebJar.class.getResourceAsStream(resource)) {
            return Objects.requireNonNull(in, resource).readAllBytes();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
