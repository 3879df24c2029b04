package dev.firn.retrieval.spine;

/// Rows of files, one file after the other.
interface FileRows extends SpineRows {
    /// Index of the file that holds all rows of the last chunk, if the rows were opened with columns of folders.
    int file();
}
