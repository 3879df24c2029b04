package dev.firn.registration.validation;

import dev.firn.events.TableSource;
import dev.firn.events.Violation;
import dev.firn.lake.Access;
import dev.firn.lake.LakeCode;
import dev.firn.lake.LakeRejection;
import dev.firn.lake.catalog.NearestName;
import dev.firn.registration.validation.TrinoClient.TrinoRefusedException;
import dev.firn.schemas.Code;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// What can be wrong with a request's source table as a whole, apart from its columns.
final class SourceViolations {
    private static final String ICEBERG = "iceberg";

    private final TableSource source;
    private final TrinoTable trino;

    SourceViolations(TableSource source, TrinoTable trino) {
        this.source = source;
        this.trino = trino;
    }

    /// Whether the table cannot even be asked for.
    static boolean isAboutTableName(Violation violation) {
        return violation.getField().equals("source.catalog")
                || violation.getField().equals("source.schema")
                || violation.getField().equals("source.table_name");
    }

    static Violation of(LakeRejection e) {
        String field =
                switch (e.lakeCode()) {
                    case CATALOG_NOT_ALLOWED -> "source.catalog";
                    case SCHEMA_NOT_ALLOWED, SCHEMA_NOT_FOUND -> "source.schema";
                    case REF_NOT_FOUND -> "source.ref";
                    default -> "source.table_name";
                };
        return DidYouMean.violation(
                Code.valueOf(e.code()),
                field,
                Objects.requireNonNullElse(e.getMessage(), e.code()),
                e.suggestion().orElse(null));
    }

    static Violation refused(TrinoRefusedException e) {
        return Code.TRINO_REFUSED.violation(
                "source", "Trino refuses to describe the table: " + Objects.requireNonNullElse(e.getMessage(), ""));
    }

    /// Distinguishes a catalog that does not exist from one that may not be read.
    Violation notAllowed(LakeRejection e, Access access) {
        if (e.lakeCode() == LakeCode.CATALOG_NOT_ALLOWED && trino.connector() == null) {
            return DidYouMean.violation(
                    Code.CATALOG_NOT_FOUND,
                    "source.catalog",
                    "there is no catalog '%s'".formatted(source.getCatalog()),
                    NearestName.of(source.getCatalog(), access.catalogs()).orElse(null));
        }
        return of(e);
    }

    /// @param connector behind the catalog; null if Trino has no such catalog
    Optional<Violation> connector(@Nullable String connector) {
        if (connector == null) {
            return Optional.of(Code.CATALOG_NOT_FOUND.violation(
                    "source.catalog", "Trino has no catalog '%s'".formatted(source.getCatalog())));
        }
        return connector.equals(ICEBERG)
                ? Optional.empty()
                : Optional.of(notIceberg("catalog '%s' uses connector %s".formatted(source.getCatalog(), connector)));
    }

    /// Says whether the schema or only the table is missing.
    Violation absent() {
        List<String> schemas = trino.schemas();
        if (!schemas.contains(source.getSchema$().toLowerCase(Locale.ROOT))) {
            return DidYouMean.violation(
                    Code.SCHEMA_NOT_FOUND,
                    "source.schema",
                    "catalog '%s' has no schema '%s'".formatted(source.getCatalog(), source.getSchema$()),
                    NearestName.of(source.getSchema$(), schemas).orElse(null));
        }
        return DidYouMean.violation(
                Code.TABLE_NOT_FOUND,
                "source.table_name",
                "schema '%s.%s' has no table '%s'"
                        .formatted(source.getCatalog(), source.getSchema$(), source.getTableName()),
                NearestName.of(source.getTableName(), trino.tables()).orElse(null));
    }

    Violation notIceberg(String why) {
        return Code.TABLE_NOT_ICEBERG.violation(
                "source.table_name",
                "%s.%s.%s is not an Iceberg table: %s"
                        .formatted(source.getCatalog(), source.getSchema$(), source.getTableName(), why));
    }
}
