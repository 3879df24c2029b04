package dev.firn.testkit;

import org.apache.hadoop.fs.LocalFileSystem;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.fs.RawLocalFileSystem;
import org.apache.hadoop.fs.permission.FsPermission;

/// Hadoop's file system of this machine, without permissions. Where Hadoop's native library is missing, it starts a
/// process, `chmod`, for each file and folder that it creates: half of the time of a test that writes small files.
/// `core-site.xml` makes all tests use this one.
public final class ForklessFileSystem extends LocalFileSystem {
    public ForklessFileSystem() {
        super(new RawLocalFileSystem() {
            @Override
            public void setPermission(Path path, FsPermission permission) {
                // the permissions of the process apply
            }
        });
    }
}
