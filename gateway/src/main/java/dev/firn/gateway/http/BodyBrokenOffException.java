package dev.firn.gateway.http;

import java.io.IOException;

/// The body of a call could not be read to its end. Other failures of input and output are the gateway's own.
public final class BodyBrokenOffException extends IOException {
    private static final long serialVersionUID = 1L;

    public BodyBrokenOffException(IOException cause) {
        super(cause);
    }
}
