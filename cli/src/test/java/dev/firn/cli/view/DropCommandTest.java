package dev.firn.cli.view;

import static org.assertj.core.api.Assertions.assertThat;

import dev.firn.events.RetrievalRequest;
import dev.firn.events.Spine;
import dev.firn.events.SpineKind;
import dev.firn.events.StandingRetrieval;
import dev.firn.events.StandingStatus;
import dev.firn.events.ViewUse;
import dev.firn.schemas.EventClasses;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

final class DropCommandTest {
    @BeforeAll
    static void trustEvents() {
        EventClasses.trust();
    }

    @Test
    void findsTheStandingRetrievalsThatReadAView() {
        Map<String, StandingRetrieval> standing = new TreeMap<>();
        add(standing, "daily", StandingStatus.ACTIVE, List.of(), "customers:orders");
        add(standing, "hourly", StandingStatus.SUSPENDED, List.of(alias("who", "customers")), "shops:*", "who:orders");
        add(standing, "cancelled", StandingStatus.CANCELLED, List.of(), "customers:orders");
        add(standing, "shops", StandingStatus.ACTIVE, List.of(), "shops:*");
        add(standing, "namesake", StandingStatus.ACTIVE, List.of(alias("customers", "shops")), "customers:sales");

        assertThat(DropCommand.readers("customers", standing)).containsExactly("daily", "hourly");
    }

    private static ViewUse alias(String alias, String view) {
        return ViewUse.newBuilder().setAlias(alias).setView(view).build();
    }

    private static void add(
            Map<String, StandingRetrieval> standing,
            String id,
            StandingStatus status,
            List<ViewUse> views,
            String... features) {
        standing.put(
                id,
                StandingRetrieval.newBuilder()
                        .setStandingId(id)
                        .setVersion(1)
                        .setStatus(status)
                        .setRetrieval(RetrievalRequest.newBuilder()
                                .setRequestId(id)
                                .setSpine(Spine.newBuilder()
                                        .setKind(SpineKind.ALL)
                                        .build())
                                .setViews(views)
                                .setFeatures(Arrays.asList(features))
                                .build())
                        .setRequestId("r")
                        .setUpdatedAt(Instant.EPOCH)
                        .build());
    }
}
