package dev.firn.gateway;

import dev.firn.config.FirnConfig;
import dev.firn.events.FeatureView;
import dev.firn.events.RegistrationResult;
import dev.firn.events.RetrievalProgress;
import dev.firn.events.RetrievalResult;
import dev.firn.events.StandingRetrieval;
import dev.firn.events.TableCommit;
import dev.firn.gateway.feature.Warnings;
import dev.firn.gateway.kafka.Events;
import dev.firn.gateway.kafka.Follower;
import dev.firn.gateway.kafka.Latest;
import dev.firn.gateway.kafka.Live;
import dev.firn.gateway.kafka.Recent;
import dev.firn.gateway.operation.DeadLetterNote;
import dev.firn.gateway.retrieval.Asking;
import dev.firn.gateway.retrieval.RecentRetrievals;
import dev.firn.schemas.AvroCodec;
import dev.firn.schemas.Topic;
import java.time.Clock;
import java.util.List;

/// What a gateway hears on the topics that it follows.
///
/// @param latest where to begin to read topics of which the latest records are shown
record Heard(
        Follower.From latest,
        Events events,
        Latest<FeatureView> views,
        Latest<StandingRetrieval> standing,
        Recent<TableCommit> commits,
        Recent<DeadLetterNote> deadLetters,
        RecentRetrievals retrievals,
        Asking asking,
        Warnings warnings) {
    /// The topics whose schemas it reads.
    static final List<Topic> TOPICS = List.of(
            Topic.FEATURE_VIEWS,
            Topic.STANDING_RETRIEVALS,
            Topic.REGISTRATION_RESULTS,
            Topic.RETRIEVAL_RESULTS,
            Topic.RETRIEVAL_PROGRESS,
            Topic.TABLE_COMMITS);

    static Heard of(FirnConfig.Gateway settings, AvroCodec codec, Clock clock) {
        int recent = settings.recentRecords();
        return new Heard(
                new Follower.From.Latest(recent),
                new Events(settings.replayBytes()),
                new Latest<>(codec, FeatureView.class),
                new Latest<>(codec, StandingRetrieval.class),
                new Recent<>(recent),
                new Recent<>(recent),
                new RecentRetrievals(recent, clock),
                new Asking(),
                new Warnings());
    }

    /// Follows the topics from now on.
    void follow(Follower follower, AvroCodec codec) {
        Follower.From end = new Follower.From.End();
        follower.add(Topic.FEATURE_VIEWS, new Follower.From.Beginning(), views);
        follower.add(Topic.STANDING_RETRIEVALS, new Follower.From.Beginning(), standing);
        follower.add(
                Topic.REGISTRATION_RESULTS,
                end,
                new Live<>(codec, RegistrationResult.class, events, (result, _) -> warnings.arrived(result)));
        follower.add(
                Topic.RETRIEVAL_RESULTS,
                end,
                new Live<>(codec, RetrievalResult.class, events, (result, _) -> retrievals.arrived(result)));
        follower.add(
                Topic.RETRIEVAL_PROGRESS, end, new Live<>(codec, RetrievalProgress.class, events, (step, headers) -> {
                    asking.arrived(step, headers);
                    retrievals.arrived(step);
                }));
        follower.add(
                Topic.TABLE_COMMITS,
                latest,
                new Live<>(codec, TableCommit.class, events, (commit, _) -> commits.add(commit)));
        follower.add(Topic.DEAD_LETTERS, latest, record -> deadLetters.add(DeadLetterNote.of(record)));
        follower.start();
    }
}
