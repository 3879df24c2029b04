package dev.firn.lake.parquet;

import java.io.IOException;
import org.apache.iceberg.exceptions.CleanableFailure;
import org.apache.iceberg.exceptions.NotFoundException;
import org.apache.iceberg.exceptions.RESTException;
import org.apache.iceberg.exceptions.RuntimeIOException;
import software.amazon.awssdk.core.exception.SdkException;

/// Distinguishes faults of the store from our own.
public final class ReadOutages {
    private ReadOutages() {}

    public static boolean isOfTheStore(Throwable fault) {
        for (Throwable t = fault; t != null; t = t.getCause()) {
            if (t instanceof IOException
                    || t instanceof RuntimeIOException
                    || t instanceof NotFoundException
                    || t instanceof RESTException
                    || t instanceof CleanableFailure
                    || t instanceof SdkException) {
                return true;
            }
        }
        return false;
    }
}
