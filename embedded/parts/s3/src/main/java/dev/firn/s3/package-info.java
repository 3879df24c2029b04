/// The S3 server of the embedded stack: S3Proxy over a folder, made safe for concurrent clients.
@NullMarked
package dev.firn.s3;

import org.jspecify.annotations.NullMarked;
