package dev.firn.gateway.http;

import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;

/// Tells a body that cannot be read from other failures of input and output.
final class BodyStream extends FilterInputStream {
    BodyStream(InputStream in) {
        super(in);
    }

    @Override
    public int read() throws IOException {
        try {
            return in.read();
        } catch (IOException e) {
            throw new BodyBrokenOffException(e);
        }
    }

    @Override
    public int read(byte[] buffer, int from, int length) throws IOException {
        try {
            return in.read(buffer, from, length);
        } catch (IOException e) {
            throw new BodyBrokenOffException(e);
        }
    }
}
