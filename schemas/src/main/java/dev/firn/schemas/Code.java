package dev.firn.schemas;

import static dev.firn.events.Fault.DATA;
import static dev.firn.events.Fault.REQUEST;
import static dev.firn.events.Fault.SERVICE;

import dev.firn.events.Fault;
import dev.firn.events.Violation;
import java.util.Arrays;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/// Every stable code that an answer, a violation, a warning, a dead letter or an error of Firn can hold. Programs
/// compare the names: a code, once released, keeps its name and its meaning. `docs/codes.md` is generated from here.
///
/// The lake has codes of its own under the same names, since it does not see this module.
public enum Code {
    INVALID_REQUEST_ID(
            Group.REQUESTS,
            REQUEST,
            "The request id does not match [A-Za-z0-9][A-Za-z0-9._-]{0,126}.",
            "Choose an id of letters, digits, '.', '_' and '-', at most 127 characters long."),
    STANDING_ID_RESERVED(
            Group.REQUESTS,
            REQUEST,
            "The request on retrieval-requests has a standing_id, which only runs may have.",
            "Leave out standing_id. To create a standing retrieval, use standing-requests."),
    REQUEST_ID_REUSED(
            Group.REQUESTS,
            REQUEST,
            "The request id was already used for another request.",
            "Use a new id for each request; repeat an id only to send the same request again."),
    REQUEST_ID_RESERVED(
            Group.REQUESTS,
            REQUEST,
            "The request id looks like that of a standing retrieval's run, a form that is reserved.",
            "Choose an id that does not end in .r<number>.<16 hexadecimal digits>."),
    KEY_MISMATCH(
            Group.REQUESTS,
            REQUEST,
            "The record's key differs from the view or standing id that its value names.",
            "Send the record with that name as its key, or without a key."),
    UNKNOWN_ACTION(
            Group.REQUESTS,
            REQUEST,
            "This version of Firn does not know the request's action.",
            "Use an action that the event reference lists, or upgrade Firn."),
    OVERLOADED(
            Group.REQUESTS,
            SERVICE,
            "Too many requests are already waiting.",
            "Send the request again later, under the same id."),
    UNKNOWN_VIEW(
            Group.REQUESTS,
            REQUEST,
            "No feature view of that name is registered.",
            "Correct the name, or register the view first."),
    UNKNOWN_FEATURE(
            Group.REQUESTS,
            REQUEST,
            "The view has no feature of that name.",
            "Correct the name, or add the feature to the view."),
    UNKNOWN_ENTITY(
            Group.REQUESTS,
            REQUEST,
            "The view has no entity of that name.",
            "Correct the name, or leave the mapping out."),
    NO_FEATURES(Group.REQUESTS, REQUEST, "The request names no features.", "Name at least one feature."),
    INVALID_ZONE(
            Group.REQUESTS,
            REQUEST,
            "The time zone is not an IANA time zone.",
            "Use a name such as Europe/Berlin, or leave the zone out for UTC."),

    INVALID_NAME(
            Group.REGISTRATIONS,
            REQUEST,
            "A name is not a valid identifier, or contains characters that are not allowed in it.",
            "Use letters, digits and underscores; the message says which rule the name breaks."),
    DUPLICATE_NAME(
            Group.REGISTRATIONS, REQUEST, "A name is given twice, ignoring case.", "Rename or remove one of the two."),
    TOO_MANY(
            Group.REGISTRATIONS,
            REQUEST,
            "The view has more entities, features or mappings than allowed.",
            "Split the view into smaller ones."),
    FEATURE_IS_ENTITY(
            Group.REGISTRATIONS,
            REQUEST,
            "A feature has the same name as one of the view's entities.",
            "Remove the feature; every result contains the entities anyway."),
    NO_SOURCE(Group.REGISTRATIONS, REQUEST, "The view has no source table.", "Name the table in source."),
    ONLINE_UNSUPPORTED(
            Group.REGISTRATIONS,
            REQUEST,
            "The view asks to be served online, which Firn does not do.",
            "Register the view with online set to false."),
    NEGATIVE_DURATION(
            Group.REGISTRATIONS,
            REQUEST,
            "A time to live or a delay is negative.",
            "Use 0 or more; a time to live of 0 is unlimited."),
    VERSION_CONFLICT(
            Group.REGISTRATIONS,
            REQUEST,
            "The view is not at the expected version.",
            "Read the current view, then send the change again with its version."),
    TOO_MANY_VIEWS(
            Group.REGISTRATIONS,
            REQUEST,
            "The registry holds as many views as the operator allows.",
            "Drop views that nobody reads, or ask an operator to raise firn.registration.max-views."),
    VIEW_TOO_LARGE(
            Group.REGISTRATIONS,
            REQUEST,
            "The view's record is larger than 512 KiB.",
            "Register fewer features, or shorten descriptions and tags."),
    CATALOG_NOT_FOUND(
            Group.REGISTRATIONS,
            REQUEST,
            "Neither Trino nor Firn has a catalog of that name.",
            "Correct the name, or ask an operator to configure the catalog."),
    TABLE_NOT_ICEBERG(
            Group.REGISTRATIONS,
            REQUEST,
            "The source is not an Iceberg table.",
            "Name an Iceberg table as the source."),
    TRINO_REFUSED(
            Group.REGISTRATIONS,
            DATA,
            "Trino refuses to describe the table.",
            "Follow Trino's message: grant Firn's user access, or repair the table."),
    VALIDATION_UNAVAILABLE(
            Group.REGISTRATIONS,
            SERVICE,
            "The view could not be checked before the deadline because Trino or the catalog was unavailable.",
            "Send the request again, under a new id."),
    MORE_VIOLATIONS(
            Group.REGISTRATIONS,
            REQUEST,
            "There are more violations than the answer lists; the message says how many.",
            "Correct what is listed and send the request again under a new id."),

    COLUMN_NOT_FOUND(
            Group.COLUMNS,
            REQUEST,
            "The table has no column of that name.",
            "Correct the name, or map it with entity_columns or field_mapping."),
    COLUMN_AMBIGUOUS(
            Group.COLUMNS,
            REQUEST,
            "Several columns of the table have that name, ignoring case.",
            "Spell the name exactly as the table does."),
    COLUMN_USED_TWICE(
            Group.COLUMNS,
            REQUEST,
            "The view uses a column twice, for example as a key and as a feature.",
            "Use the column once."),
    KEY_TYPE_UNSUPPORTED(
            Group.COLUMNS,
            REQUEST,
            "A column of this type cannot be a join key.",
            "Use a column of whole numbers, text, dates or another type that can be compared exactly."),
    TIMESTAMP_TYPE_UNSUPPORTED(
            Group.COLUMNS,
            REQUEST,
            "The timestamp column is neither a timestamp nor a date.",
            "Name a timestamp or date column."),
    FEATURE_TYPE_UNSUPPORTED(
            Group.COLUMNS,
            REQUEST,
            "A column of this type cannot be a feature.",
            "Leave the feature out, or store it as a supported type."),
    UNKNOWN_DTYPE(
            Group.COLUMNS,
            REQUEST,
            "A feature's dtype is not one that Firn knows.",
            "Use a dtype that the event reference lists."),
    TYPE_MISMATCH(
            Group.COLUMNS,
            REQUEST,
            "The feature's dtype does not accept the column's type.",
            "Declare the suggested dtype; Firn never casts."),
    COLUMN_DROPPED(
            Group.COLUMNS,
            DATA,
            "A column that the registered view reads was dropped from its table.",
            "Restore the column, or register the view again without it."),
    TYPE_CHANGED(
            Group.COLUMNS,
            DATA,
            "A column that the registered view reads now has a type that the view does not accept.",
            "Change the type back, or register the view again with the new type."),
    MORE_REASONS(
            Group.COLUMNS,
            DATA,
            "There are more reasons than the view's record lists; the message says how many.",
            "Correct what is listed; Firn checks the view again when its table changes."),

    DATE_WITHOUT_DELAY(
            Group.WARNINGS,
            REQUEST,
            "The timestamp is a date, so a day's rows become visible at midnight, before the day is over.",
            "Set available_after_micros to the delay with which rows arrive, usually a day or more."),
    NULL_KEYS(
            Group.WARNINGS,
            DATA,
            "Some rows have a null join key and can never match.",
            "Fill in or remove these rows."),
    NULL_TIMESTAMPS(
            Group.WARNINGS,
            DATA,
            "Some rows have no event timestamp and can never be found.",
            "Fill in or remove these rows."),
    NOT_PARQUET(
            Group.WARNINGS,
            DATA,
            "The table has data files that are not Parquet, which retrievals refuse.",
            "Rewrite the table's files as Parquet."),
    FUTURE_TIMESTAMPS(
            Group.WARNINGS,
            DATA,
            "Some rows have an event timestamp in the future.",
            "Check how the timestamps are written, and in which time zone."),
    NO_ENTITIES(
            Group.WARNINGS,
            REQUEST,
            "The view has no entities, so all rows of its table are one group.",
            "Nothing, if that is intended; otherwise name the entities and register the view again."),
    NO_HISTORY(
            Group.WARNINGS,
            DATA,
            "The table has only one row per key, so spine rows older than that row find nothing.",
            "Keep the history: append a row for each change instead of overwriting it."),
    DUPLICATE_ROWS(
            Group.WARNINGS,
            DATA,
            "Some rows have the same key and event timestamp as another row.",
            "Remove the duplicates, or name a created_timestamp_field to decide between them."),
    MORE_WARNINGS(
            Group.WARNINGS,
            DATA,
            "There are more warnings than the answer lists; the message says how many.",
            "Look at what is listed and register the view again."),

    COLUMN_NOT_YET(
            Group.RESULT_WARNINGS,
            DATA,
            "The snapshot is older than a feature's column, so the feature is null.",
            "Read a newer snapshot, or leave the feature out."),
    NUMBERS_AS_TEXT(
            Group.RESULT_WARNINGS,
            REQUEST,
            "A text column of the spine looks like numbers but stays text.",
            "Declare the column's dtype in column_types, or with --column-type on the command line."),
    MANY_TIES(
            Group.RESULT_WARNINGS,
            DATA,
            "Many spine rows matched several feature rows with the same timestamps, so the order of the table's files decided.",
            "Remove the duplicates, or register the view with a created_timestamp_field that decides between them."),
    INDEX_IGNORED(
            Group.RESULT_WARNINGS,
            DATA,
            "Data files have statistics, indexes or Bloom filters that cannot be right. The files were read without them.",
            "Rewrite the files that the message names; until then, Firn reads more of them than it needs."),

    INVALID_STANDING_ID(
            Group.STANDING_RETRIEVALS,
            REQUEST,
            "The standing id is not a valid id, or is longer than 80 characters.",
            "Choose a shorter id of letters, digits, '.', '_' and '-'."),
    UNKNOWN_STANDING_RETRIEVAL(
            Group.STANDING_RETRIEVALS,
            REQUEST,
            "There is no standing retrieval with that id.",
            "Correct the id; the standing retrieval may also have been cancelled."),
    STANDING_SUSPENDED(
            Group.STANDING_RETRIEVALS,
            REQUEST,
            "The standing retrieval is suspended, by an operator or because of its views, so it cannot do what the request asks for.",
            "If an operator suspended it, resume it; otherwise repair the views that the message names."),
    NO_RETRIEVAL(
            Group.STANDING_RETRIEVALS, REQUEST, "The request does not say what to run.", "Add the retrieval to run."),
    PINS_NOT_ALLOWED(
            Group.STANDING_RETRIEVALS,
            REQUEST,
            "The retrieval has pins, so every run would return the same rows.",
            "Leave the pins out; Firn pins each run itself."),
    DEADLINE_NOT_ALLOWED(
            Group.STANDING_RETRIEVALS,
            REQUEST,
            "The retrieval has a deadline, after which every run would fail.",
            "Leave the deadline out; to end the standing retrieval, cancel it."),
    TOO_MANY_STANDING_RETRIEVALS(
            Group.STANDING_RETRIEVALS,
            REQUEST,
            "There are as many standing retrievals as the operator allows.",
            "Cancel those that nobody reads, or ask an operator to raise firn.registration.max-standing-retrievals."),
    STANDING_TOO_LARGE(
            Group.STANDING_RETRIEVALS,
            REQUEST,
            "The definition, or a run with the pins of its views, is larger than allowed.",
            "Request fewer views or features, or split it into several standing retrievals."),

    UNDECODABLE_REQUEST(
            Group.RETRIEVALS,
            REQUEST,
            "The record's bytes are not a retrieval request.",
            "See the dead letter for the reason, then send a request in Confluent's Avro format."),
    INVALID_FEATURE_REFERENCE(
            Group.RETRIEVALS,
            REQUEST,
            "A feature is not written as view:feature or view:*.",
            "Write the view's name or alias, a colon, and the feature."),
    INVALID_ALIAS(
            Group.RETRIEVALS,
            REQUEST,
            "An alias is not an identifier, or contains a double underscore.",
            "Use letters, digits and single underscores."),
    DUPLICATE_ALIAS(
            Group.RETRIEVALS,
            REQUEST,
            "Two uses of views have the same name.",
            "Give each use of a view its own alias."),
    VIEW_NOT_USED(
            Group.RETRIEVALS,
            REQUEST,
            "No feature refers to one of the listed views.",
            "Request a feature of the view, or remove it from views."),
    VIEW_DROPPED(Group.RETRIEVALS, REQUEST, "The view was dropped.", "Register the view again, or use another one."),
    VIEW_BROKEN(
            Group.RETRIEVALS,
            DATA,
            "The view no longer fits its table: the table itself, a key, a timestamp or a requested feature.",
            "Repair the table, or register the view again without the dropped columns; the view's record gives the reasons."),
    COLUMN_COLLISION(
            Group.RETRIEVALS,
            REQUEST,
            "Two columns of the result would have the same name, ignoring case.",
            "Set full_feature_names, or give one of the views an alias."),
    CREATED_REQUIRED(
            Group.RETRIEVALS,
            REQUEST,
            "The request sets filter_by_created, but the view has no created timestamp.",
            "Leave the filter out, or register the view with a created_timestamp_field."),
    ENTITIES_DIFFER(
            Group.RETRIEVALS,
            REQUEST,
            "A spine of all entities, or of a range, needs views with the same join keys; these differ.",
            "Send a separate request for each set of keys."),
    LIMIT_EXCEEDED(
            Group.RETRIEVALS,
            REQUEST,
            "The request has more views, features or columns than allowed.",
            "Split it into several requests."),
    PINS_INVALID(
            Group.RETRIEVALS,
            REQUEST,
            "The pins do not fit the request, cannot be read, or are given twice.",
            "Use the pins of an earlier result of the same request, unchanged, and only once."),
    SNAPSHOT_CONFLICT(
            Group.RETRIEVALS,
            REQUEST,
            "A snapshot is chosen in two ways, or by time on a branch other than main.",
            "Give only one of ref, snapshot_id and snapshot_as_of."),
    OUT_OF_BUDGET(
            Group.RETRIEVALS,
            SERVICE,
            "The retrieval does not fit into the worker's memory, however small its slices.",
            "Try again when the worker is less busy, raise its memory budget, or request less at once."),
    ATTEMPTS_EXHAUSTED(
            Group.RETRIEVALS,
            SERVICE,
            "Every attempt failed; the message says how the last one ended.",
            "Send the request again under a new id once the cause is gone."),
    CANCELLED(
            Group.RETRIEVALS,
            REQUEST,
            "The request id was cancelled before it had another outcome. It stays cancelled for every request with that id.",
            "Send the request again under a new id."),
    DEADLINE_EXCEEDED(
            Group.RETRIEVALS,
            REQUEST,
            "The request had no outcome at its deadline.",
            "Send the request under a new id, with a later deadline or without one."),
    OUTCOME_UNREADABLE(
            Group.RETRIEVALS,
            SERVICE,
            "The outcome cannot be read: its manifest is damaged, or a newer version wrote it. Nothing was announced.",
            "Upgrade the workers if <id>/_manifest.json is newer. If it is damaged, send the request under a new id."),
    HANDLING_FAILED(
            Group.RETRIEVALS,
            SERVICE,
            "Handling the request failed repeatedly with an unexpected exception. Nothing was announced.",
            "Report the exception from the worker's log. After an upgrade, send the request under a new id."),
    ANSWER_TOO_LARGE(
            Group.RETRIEVALS,
            SERVICE,
            "The answer is larger than its topic accepts.",
            "Read the result from the manifest that the dead letter names, and raise the topic's max.message.bytes."),

    SPINE_KIND_UNKNOWN(
            Group.SPINES,
            REQUEST,
            "This version of Firn does not know the spine's kind.",
            "Use a kind that the event reference lists, or upgrade Firn."),
    RANGE_INVALID(
            Group.SPINES,
            REQUEST,
            "A range ends before it starts, or reaches instants that its time column cannot hold.",
            "Swap start and end, or narrow the range."),
    SPINE_INCOMPLETE(
            Group.SPINES,
            REQUEST,
            "A field that this kind of spine needs is missing or wrong.",
            "Correct the field that the message names."),
    SPINE_KEY_MISSING(
            Group.SPINES,
            DATA,
            "The spine has no column for one of a view's join keys.",
            "Add the column to the spine, or map the key to another column with join_keys."),
    SPINE_TIMESTAMP_MISSING(
            Group.SPINES,
            DATA,
            "The spine has no timestamp column.",
            "Add the column to the spine, or name it with timestamp_column."),
    SPINE_TIMESTAMP_TYPE(
            Group.SPINES,
            DATA,
            "The spine's timestamp column is neither a timestamp nor a date.",
            "Cast the column in the spine, or name another one with timestamp_column."),
    SPINE_COLUMN_NOT_FOUND(
            Group.SPINES,
            DATA,
            "The spine does not have a column that the request names.",
            "Correct the name, or add the column to the spine."),
    SPINE_COLUMN_TYPE(
            Group.SPINES,
            REQUEST,
            "A column of the spine is declared or stored as a type that is not supported.",
            "Declare or store a supported type; join keys take the type of the view's key."),
    KEY_TYPE_MISMATCH(
            Group.SPINES,
            DATA,
            "A column of the spine cannot be compared with its join key.",
            "Cast the column to the key's type, which the message names."),
    SPINE_VALUE_INVALID(
            Group.SPINES,
            DATA,
            "A text value of the spine does not fit its column's type.",
            "Correct the value, or declare another type for the column."),
    SPINE_FILES_DIFFER(
            Group.SPINES,
            DATA,
            "The files of the spine do not have the same columns.",
            "Write all files with the same columns and types."),
    SPINE_NOT_FOUND(
            Group.SPINES,
            DATA,
            "There is no file at the spine's location.",
            "Correct the location, or write the spine before asking."),
    SPINE_UNREADABLE(
            Group.SPINES,
            DATA,
            "The spine is not a valid file of its kind.",
            "Write the file again, or correct the spine's kind."),
    SPINE_CHANGED(
            Group.SPINES,
            DATA,
            "The spine changed while it was read, or differs from the one that the pins fix.",
            "Write each spine once, under a location of its own, and ask again."),
    SPINE_TOO_LARGE(
            Group.SPINES,
            REQUEST,
            "The spine has more rows or bytes than allowed.",
            "Move inline rows into a file, or split the spine into several requests."),

    TARGET_INVALID(
            Group.TARGETS,
            REQUEST,
            "The target is not catalog.schema.table, or engines would not all spell the table's name the same way.",
            "Use a name of lower-case letters, digits and underscores that does not begin with a digit."),
    TARGET_NOT_ALLOWED(
            Group.TARGETS,
            REQUEST,
            "Results may not be written as tables in that schema.",
            "Name a table in a schema that firn.access.target-schemas allows, or ask an operator to allow it."),
    TARGET_NOT_OWNED(
            Group.TARGETS,
            REQUEST,
            "The target table exists, and Firn did not create it for this request or standing retrieval.",
            "Name another table. Each request, and each standing retrieval, has a table of its own."),
    TARGET_IS_INPUT(
            Group.TARGETS,
            REQUEST,
            "The request reads the target table, or a table that other standing retrievals make from it.",
            "Name another table, or read a table that is made from the target at a fixed snapshot."),
    TARGET_SCHEMA_CHANGED(
            Group.TARGETS,
            REQUEST,
            "The result does not fit the columns of the target table: it lacks one, or has it with another type.",
            "Drop the target table so that Firn creates it again, or name another one."),
    TARGET_REFUSED(
            Group.TARGETS,
            DATA,
            "The catalog does not let Firn write the target table.",
            "Grant Firn the rights on the schema that docs/rights.md lists."),
    TARGET_UNAVAILABLE(
            Group.TARGETS,
            SERVICE,
            "The commit to the target table did not succeed within firn.retrieval.target-timeout.",
            "The result's files exist. Send the request again; a standing retrieval runs again by itself."),

    CATALOG_NOT_ALLOWED(
            Group.TABLES_AND_FILES,
            REQUEST,
            "The catalog is not configured, or requests may not read it.",
            "Use an allowed catalog, or ask an operator to allow this one."),
    SCHEMA_NOT_ALLOWED(
            Group.TABLES_AND_FILES,
            REQUEST,
            "Requests may not read this schema.",
            "Use an allowed schema, or ask an operator to allow this one."),
    SCHEMA_NOT_FOUND(
            Group.TABLES_AND_FILES,
            DATA,
            "The catalog has no schema of that name.",
            "Correct the name, or create the schema."),
    TABLE_NOT_FOUND(
            Group.TABLES_AND_FILES,
            DATA,
            "The schema has no table of that name.",
            "Correct the name, or create the table."),
    UNSUPPORTED_TABLE(
            Group.TABLES_AND_FILES,
            DATA,
            "The table uses something that Firn cannot read, such as a view, another file format or encryption.",
            "Rewrite the table as the message says, or use another one."),
    TABLE_DENIED(
            Group.TABLES_AND_FILES,
            DATA,
            "The catalog does not let Firn read the table.",
            "Grant Firn's user of the catalog the right to read it."),
    TABLE_REPLACED(
            Group.TABLES_AND_FILES,
            DATA,
            "Another table has replaced the one that the pins name.",
            "Send the request without these pins."),
    REF_NOT_FOUND(
            Group.TABLES_AND_FILES,
            DATA,
            "The table has no branch or tag of that name.",
            "Correct the name, or create the branch or tag."),
    SNAPSHOT_NOT_FOUND(
            Group.TABLES_AND_FILES,
            DATA,
            "The table has no such snapshot, or had none at that time.",
            "Choose a snapshot that the table lists, or read the current one."),
    SNAPSHOT_EXPIRED(
            Group.TABLES_AND_FILES,
            DATA,
            "The snapshot has expired: its metadata or its files are gone.",
            "Read a newer snapshot; set retain on retrievals that you want to repeat later."),
    RETAIN_NOT_ALLOWED(
            Group.TABLES_AND_FILES,
            REQUEST,
            "Requests may not keep snapshots of this catalog.",
            "Leave out retain, or ask an operator to allow the catalog."),
    RETAIN_REFUSED(
            Group.TABLES_AND_FILES,
            DATA,
            "The catalog refuses the tag that would keep the snapshot.",
            "Leave out retain, or grant Firn the right to create tags on the table."),
    LOCATION_INVALID(
            Group.TABLES_AND_FILES,
            REQUEST,
            "The location is malformed, or contains segments such as '..'.",
            "Write the location in full, such as s3://bucket/folder/file.parquet."),
    LOCATION_NOT_ALLOWED(
            Group.TABLES_AND_FILES,
            REQUEST,
            "The location is outside the locations that requests may read.",
            "Move the file under an allowed location, or ask an operator to allow this one."),
    DATA_LOCATION_NOT_ALLOWED(
            Group.TABLES_AND_FILES,
            DATA,
            "A file of the table is outside the locations from which Firn may read table files.",
            "Move the file under the table's location, or ask an operator to add its location to firn.access.data-locations."),
    FILE_NOT_FOUND(
            Group.TABLES_AND_FILES,
            DATA,
            "There is no file at the location.",
            "Correct the location, or write the file."),
    FILE_DENIED(
            Group.TABLES_AND_FILES,
            DATA,
            "The store does not let Firn read the location.",
            "Grant Firn's credentials read access to it."),
    FILE_UNREADABLE(
            Group.TABLES_AND_FILES,
            DATA,
            "A file of the table is truncated, overwritten or damaged.",
            "Rewrite the file that the message names."),
    TOO_MANY_FILES(
            Group.TABLES_AND_FILES,
            DATA,
            "A scan of the table would need more files than firn.retrieval.max-files-per-scan allows.",
            "Compact the table, or narrow the keys and times of the spine."),
    FILE_TOO_LARGE(
            Group.TABLES_AND_FILES,
            DATA,
            "The file or folder is larger than Firn accepts there.",
            "Make it smaller, or split it."),
    DELETE_BUDGET_EXCEEDED(
            Group.TABLES_AND_FILES,
            DATA,
            "The table has more delete files to apply than fit in memory.",
            "Compact the table."),
    UNSUPPORTED_STORE(
            Group.TABLES_AND_FILES,
            DATA,
            "The store cannot do what Firn needs, or Firn does not support the location's scheme.",
            "Keep the data on S3, or on a store with conditional writes."),
    STORE_REFUSED(
            Group.TABLES_AND_FILES,
            SERVICE,
            "The object store permanently refuses Firn's requests, for example because the bucket is in another region.",
            "Correct the region, endpoint or bucket in the settings of S3 or of the catalog."),
    SCRATCH_FULL(
            Group.TABLES_AND_FILES,
            SERVICE,
            "The worker's folder for temporary files is full.",
            "Try again later; give the folder more space or a larger quota, or the worker more memory."),
    CATALOG_UNAVAILABLE(Group.TABLES_AND_FILES, SERVICE, "The catalog does not answer.", "Try again later."),
    STORAGE_UNAVAILABLE(Group.TABLES_AND_FILES, SERVICE, "The object store does not answer.", "Try again later."),

    NO_VALUE(Group.RECORDS, REQUEST, "The record has no value.", "Send an event; requests have no tombstones."),
    TOO_SHORT(
            Group.RECORDS,
            REQUEST,
            "The value is shorter than the five bytes of the wire format's header.",
            "Send the event with a serializer for Confluent's Avro format."),
    TOO_LARGE(
            Group.RECORDS,
            REQUEST,
            "The value is larger than an event may be.",
            "Send less: move inline rows into a file, or split the request."),
    NOT_MAGIC(
            Group.RECORDS,
            REQUEST,
            "The value does not begin with the wire format's zero byte.",
            "Send Avro in Confluent's wire format, not JSON or plain Avro."),
    SCHEMA_ID_IN_HEADER(
            Group.RECORDS,
            REQUEST,
            "The record carries the id of its schema in the header __value_schema_id instead of in front of its value.",
            "Set value.schema.id.serializer to Confluent's PrefixSchemaIdSerializer, its default."),
    UNKNOWN_SCHEMA_ID(
            Group.RECORDS,
            REQUEST,
            "The schema registry has no schema with the id in the value.",
            "Register the schema in the registry that Firn uses, and send the event again."),
    UNSERVED_SCHEMA_ID(
            Group.RECORDS,
            SERVICE,
            "The schema registry serves other schemas but kept refusing the one with this id.",
            "Let Firn read that schema in the registry, and send the event again."),
    ANOTHER_EVENT(
            Group.RECORDS,
            REQUEST,
            "The value is not an event of this topic.",
            "Send the event to its own topic, under its full Avro name."),
    INCOMPATIBLE_SCHEMA(
            Group.RECORDS,
            REQUEST,
            "The value's schema is not compatible with this version's.",
            "Write the event with a schema that Firn registered."),
    MALFORMED(
            Group.RECORDS,
            REQUEST,
            "The value's bytes do not follow their schema.",
            "Check the serializer: it may have written the id of another schema."),

    MALFORMED_JSON(
            Group.JSON_BODIES,
            REQUEST,
            "The body is not JSON, or not a single JSON object.",
            "Correct the JSON at the line and column that the message names."),
    UNKNOWN_FIELD(
            Group.JSON_BODIES,
            REQUEST,
            "The event has no field of that name.",
            "Correct the name; the nearest field is suggested."),
    MISSING_FIELD(Group.JSON_BODIES, REQUEST, "A field without a default is missing.", "Give the field a value."),
    WRONG_TYPE(
            Group.JSON_BODIES,
            REQUEST,
            "A value does not have its field's type.",
            "Use the type that the message names."),
    OUT_OF_RANGE(Group.JSON_BODIES, REQUEST, "A number does not fit into its field.", "Give a smaller number."),
    UNKNOWN_NAME(
            Group.JSON_BODIES,
            REQUEST,
            "A value is not one of the names that its field accepts.",
            "Use one of the names that the message lists."),
    BAD_TIMESTAMP(
            Group.JSON_BODIES,
            REQUEST,
            "A value is not an ISO-8601 instant, or is finer than microseconds.",
            "Write the instant with its offset: 2024-01-31T09:30:00Z."),

    TOPIC_MISSING(
            Group.TOPICS_AND_SCHEMAS,
            SERVICE,
            "A topic is missing.",
            "Create it as docs/topics.md says, or set firn.kafka.create-topics."),
    PARTITIONS(
            Group.TOPICS_AND_SCHEMAS,
            SERVICE,
            "A topic has a different number of partitions, which decides who owns a key.",
            "Set the number in Firn's configuration, or recreate the topic."),
    CLEANUP_POLICY(
            Group.TOPICS_AND_SCHEMAS,
            SERVICE,
            "A topic has a different cleanup policy: compaction would lose requests, and deletion the registry.",
            "Set the topic's cleanup.policy as docs/topics.md says."),
    TIMESTAMP_TYPE(
            Group.TOPICS_AND_SCHEMAS,
            SERVICE,
            "A topic has a different timestamp type, and deadlines count from its timestamps.",
            "Set the topic's message.timestamp.type as docs/topics.md says."),
    MAX_MESSAGE_BYTES(
            Group.TOPICS_AND_SCHEMAS,
            SERVICE,
            "A topic does not accept the largest event.",
            "Raise the topic's max.message.bytes as docs/topics.md says."),
    TOPIC_MISMATCH(
            Group.TOPICS_AND_SCHEMAS,
            SERVICE,
            "The service does not start because topics are missing or differ; the message lists them.",
            "Correct each listed topic."),
    RIGHTS_MISSING(
            Group.TOPICS_AND_SCHEMAS,
            SERVICE,
            "The service does not start because Kafka does not grant all rights of its role; the message lists them.",
            "Grant what is listed. firn rights prints the commands."),
    STORE_NOT_ATOMIC(
            Group.TOPICS_AND_SCHEMAS,
            SERVICE,
            "The worker does not start because two writers could both create the same file of a result.",
            "Use a store that honours If-None-Match: * on writes."),
    SCHEMA_MISSING(
            Group.TOPICS_AND_SCHEMAS,
            SERVICE,
            "The schema registry does not have this version's schemas, and the service may not register them.",
            "Run firn topics create with the new version, or set firn.kafka.create-topics to true."),
    SCHEMA_REFUSED(
            Group.TOPICS_AND_SCHEMAS,
            SERVICE,
            "The schema registry does not hold the schema to write with, or refuses it.",
            "Register Firn's schemas, and check the compatibility of their subjects."),
    SCHEMA_REGISTRY_UNAVAILABLE(
            Group.TOPICS_AND_SCHEMAS, SERVICE, "The schema registry does not answer.", "Try again later."),

    UNAUTHENTICATED(
            Group.HTTP,
            REQUEST,
            "The call has no bearer token that the gateway accepts: it is missing, unknown, expired or for someone else.",
            "Send a valid token as Authorization: Bearer <token>."),
    FORBIDDEN(
            Group.HTTP,
            REQUEST,
            "The caller may not do this.",
            "Ask an administrator of the gateway for the right that the message names."),
    AUTHENTICATION_REQUIRED(
            Group.HTTP,
            SERVICE,
            "The gateway does not start: it would be open to everyone who reaches its address.",
            "Set firn.gateway.tokens-file or firn.gateway.oidc.issuer, or listen on the loopback interface."),
    RULES_INVALID(
            Group.HTTP,
            SERVICE,
            "The gateway does not start because its rules or tokens cannot be read.",
            "Correct the file that the message names."),
    BAD_PARAMETER(
            Group.HTTP,
            REQUEST,
            "A parameter or header has an invalid value.",
            "Correct the parameter that the message names."),
    BODY_TOO_LARGE(
            Group.HTTP,
            REQUEST,
            "The body is larger than allowed.",
            "Send less, put the rows on the object store and name their location, or ask an operator to raise the limit."),
    BODY_INCOMPLETE(Group.HTTP, REQUEST, "The body ended early.", "Send the call again."),
    UNSUPPORTED_MEDIA_TYPE(
            Group.HTTP,
            REQUEST,
            "The call does not take this type of body, or the body is not what its Content-Type says.",
            "Send a type that the message names."),
    METHOD_NOT_ALLOWED(Group.HTTP, REQUEST, "The path does not support that method.", "See /openapi.json."),
    PRECONDITION_FAILED(
            Group.HTTP,
            REQUEST,
            "If-Match names no current ETag.",
            "Read again without If-Match, and use the ETag of that answer."),
    NOT_ACCEPTABLE_RANGE(
            Group.HTTP,
            REQUEST,
            "The range is outside the file.",
            "Request a range within the length that Content-Range names."),
    TOO_MANY_REQUESTS(
            Group.HTTP,
            REQUEST,
            "The caller has as many requests in progress as allowed.",
            "Wait until some have been answered."),
    NO_OUTCOME_YET(
            Group.HTTP,
            SERVICE,
            "The request has no outcome yet; known says whether a service has been seen working on it.",
            "Ask again later, or wait with Prefer: wait=<seconds>."),
    NO_ANSWER_YET(
            Group.HTTP,
            SERVICE,
            "The service did not answer while the gateway waited. The request stands.",
            "Look at Location later, or repeat the call with the same Idempotency-Key to get its answer."),
    RESULT_EXPIRED(
            Group.HTTP,
            DATA,
            "The files of the result are no longer on the object store.",
            "Send the request again under a new id; with the result's pins it returns the same rows."),
    RESULT_HAS_NO_FILES(
            Group.HTTP, REQUEST, "The retrieval failed, so it has no files.", "Read the result; it says why."),
    ISSUER_UNAVAILABLE(Group.HTTP, SERVICE, "The token issuer's keys cannot be fetched.", "Try again later."),
    KAFKA_UNAVAILABLE(Group.HTTP, SERVICE, "Kafka does not answer.", "Repeat the call with the same id."),

    REFUSED(
            Group.COMMAND_LINE,
            REQUEST,
            "A registration was rejected, or a retrieval or a check failed.",
            "Read the message; if it has a code, look it up here."),
    USAGE(
            Group.COMMAND_LINE,
            REQUEST,
            "The command line, its input or a setting is wrong.",
            "Correct what the message names; --help lists the options."),
    NOT_REACHABLE(
            Group.COMMAND_LINE,
            SERVICE,
            "Nothing is running, or a part of it cannot be reached.",
            "Start it, or check the addresses that the message names."),
    TIMED_OUT(
            Group.COMMAND_LINE,
            SERVICE,
            "There was no answer in time; the request stands and may still be answered.",
            "Look for the answer later, or wait longer with --timeout."),
    NOT_FOUND(
            Group.COMMAND_LINE,
            REQUEST,
            "No view, request or standing retrieval has that name or id.",
            "Correct the name or id."),
    INTERNAL(Group.COMMAND_LINE, SERVICE, "Firn has a bug.", "Report it with the stack trace.");

    /// Where a code appears first of all; the order and the headings of `docs/codes.md`.
    enum Group {
        REQUESTS("Any request"),
        REGISTRATIONS("Registrations"),
        COLUMNS("Columns of a view"),
        WARNINGS("Warnings about a view"),
        RESULT_WARNINGS("Warnings about a result"),
        STANDING_RETRIEVALS("Standing retrievals"),
        RETRIEVALS("Retrievals"),
        SPINES("Spines"),
        TARGETS("Target tables"),
        TABLES_AND_FILES("Tables and files"),
        RECORDS("Records that cannot be read"),
        JSON_BODIES("JSON bodies"),
        TOPICS_AND_SCHEMAS("Topics, schemas and the start of a service"),
        HTTP("HTTP"),
        COMMAND_LINE("The command line");

        private final String title;

        Group(String title) {
            this.title = title;
        }

        String title() {
            return title;
        }
    }

    private static final Map<String, Code> BY_NAME =
            Arrays.stream(values()).collect(Collectors.toUnmodifiableMap(Code::name, Function.identity()));

    private final Group group;
    private final Fault fault;
    private final String meaning;
    private final String remedy;

    Code(Group group, Fault fault, String meaning, String remedy) {
        this.group = group;
        this.fault = fault;
        this.meaning = meaning;
        this.remedy = remedy;
    }

    /// The code of that name, where there is one: events of newer versions may hold others.
    public static Optional<Code> of(String name) {
        return Optional.ofNullable(BY_NAME.get(name));
    }

    /// What has to change before the answer can be another one.
    public Fault fault() {
        return fault;
    }

    /// What has happened, in one sentence.
    public String meaning() {
        return meaning;
    }

    /// What to do about it, in one sentence.
    public String remedy() {
        return remedy;
    }

    Group group() {
        return group;
    }

    /// A violation or warning with this code.
    ///
    /// @param field what it concerns, as a path into the request; empty for the whole
    public Violation violation(String field, String message) {
        return violation(field, message, null);
    }

    /// A violation about a name.
    ///
    /// @param suggestion the nearest right name; null where none is near
    public Violation violation(String field, String message, @Nullable String suggestion) {
        return violation(field, message, suggestion, false);
    }

    /// A warning that rests on a bounded sample of rows.
    public Violation sampledWarning(String field, String message) {
        return violation(field, message, null, true);
    }

    private Violation violation(String field, String message, @Nullable String suggestion, boolean sampled) {
        return Violation.newBuilder()
                .setCode(name())
                .setFault(fault)
                .setField(field)
                .setMessage(message)
                .setSuggestion(suggestion)
                .setSampled(sampled)
                .build();
    }
}
