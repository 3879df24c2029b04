package dev.firn.lake.targets;

import dev.firn.lake.TableName;

/// A table that holds the result of one request, or of the latest run of one standing retrieval.
///
/// @param owner for whom Firn creates the table; a table with another owner is never written
public record Target(TableName table, String owner) {}
