package org.gaul.s3proxy;

import jakarta.servlet.ReadListener;
import jakarta.servlet.ServletException;
import jakarta.servlet.ServletInputStream;
import jakarta.servlet.http.HttpServlet;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletRequestWrapper;
import jakarta.servlet.http.HttpServletResponse;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import org.jclouds.blobstore.BlobStore;

/// S3Proxy's own servlet, with conditional writes that fail as they do on S3.
///
/// S3Proxy responds with 412 without reading the body and closes the connection, so a client that is still sending sees
/// a broken pipe instead of the response. This servlet reads the body of a conditional PUT first. S3Proxy ignores a
/// condition on the completion of a multipart upload; this servlet rejects it as not implemented.
///
/// It is in S3Proxy's package because the servlet it wraps is visible only there.
public final class ConditionalWriteServlet extends HttpServlet {
    /// The body of a larger conditional PUT is streamed.
    public static final int MAX_BUFFERED_BYTES = 16 << 20;

    private static final long serialVersionUID = 1;
    private static final long MAX_OBJECT_BYTES = 5L << 30;
    private static final long MAX_UNCHUNKED_BYTES = 128L << 20;
    private static final int MAX_CHUNK_BYTES = 16 << 20;
    private static final int CLOCK_SKEW_SECONDS = 15 * 60;

    private final transient S3ProxyHandlerJetty s3;

    public ConditionalWriteServlet(BlobStore store, String accessKey, String secretKey) {
        s3 = new S3ProxyHandlerJetty(
                store,
                AuthenticationType.AWS_V2_OR_V4,
                accessKey,
                secretKey,
                null,
                MAX_OBJECT_BYTES,
                MAX_UNCHUNKED_BYTES,
                MAX_CHUNK_BYTES,
                true,
                null,
                "",
                CLOCK_SKEW_SECONDS,
                null);
    }

    @Override
    protected void service(HttpServletRequest request, HttpServletResponse response)
            throws ServletException, IOException {
        boolean conditional = request.getHeader("If-None-Match") != null || request.getHeader("If-Match") != null;
        if (conditional && request.getMethod().equals("POST")) {
            response.sendError(
                    HttpServletResponse.SC_NOT_IMPLEMENTED,
                    "conditional completion of a multipart upload is not supported");
            return;
        }
        boolean buffered = conditional
                && request.getMethod().equals("PUT")
                && request.getContentLengthLong() <= MAX_BUFFERED_BYTES;
        s3.service(buffered ? new BufferedRequest(request) : request, response);
    }

    private static final class BufferedRequest extends HttpServletRequestWrapper {
        private final byte[] body;

        BufferedRequest(HttpServletRequest request) throws IOException {
            super(request);
            body = request.getInputStream().readAllBytes();
        }

        @Override
        public ServletInputStream getInputStream() {
            return new BufferedBody(new ByteArrayInputStream(body));
        }
    }

    private static final class BufferedBody extends ServletInputStream {
        private final ByteArrayInputStream body;

        BufferedBody(ByteArrayInputStream body) {
            this.body = body;
        }

        @Override
        public int read() {
            return body.read();
        }

        @Override
        public int read(byte[] into, int offset, int length) {
            return body.read(into, offset, length);
        }

        @Override
        public boolean isFinished() {
            return body.available() == 0;
        }

        @Override
        public boolean isReady() {
            return true;
        }

        @Override
        public void setReadListener(ReadListener listener) {
            throw new UnsupportedOperationException("the body is already buffered");
        }
    }
}
