package dev.firn.lake.catalog;

import dev.firn.lake.TableName;
import org.apache.iceberg.catalog.Catalog;
import org.apache.iceberg.catalog.Namespace;
import org.apache.iceberg.catalog.SupportsNamespaces;
import org.apache.iceberg.catalog.TableIdentifier;
import org.apache.iceberg.exceptions.ForbiddenException;
import software.amazon.awssdk.awscore.exception.AwsServiceException;

/// The smallest question to a catalog: whether a schema exists. Any answer will do, even a refusal: that is about the
/// schema, not about the catalog.
final class CatalogCheck {
    private CatalogCheck() {}

    /// @return whether the schema exists and may be seen
    static boolean ask(Catalog catalog, TableName asked) {
        Namespace namespace = Namespace.of(asked.schema().split("\\.", -1));
        try {
            return catalog instanceof SupportsNamespaces namespaces
                    ? namespaces.namespaceExists(namespace)
                    : catalog.tableExists(TableIdentifier.of(namespace, asked.table()));
        } catch (ForbiddenException refused) {
            return false;
        } catch (AwsServiceException answer) {
            if (answer.awsErrorDetails() != null
                    && String.valueOf(answer.awsErrorDetails().errorCode()).startsWith("AccessDenied")) {
                return false;
            }
            throw answer;
        }
    }
}
