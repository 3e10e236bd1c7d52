package dev.fermata.client.watch;

import com.google.protobuf.ByteString;
import com.google.protobuf.Message;
import com.google.protobuf.Timestamp;
import dev.fermata.client.internal.Times;
import dev.fermata.v1.HostEvent;
import dev.fermata.v1.HostServiceGrpc;
import dev.fermata.v1.HostsSnapshot;
import dev.fermata.v1.NotificationServiceGrpc;
import dev.fermata.v1.OwnerEvent;
import dev.fermata.v1.OwnerSnapshot;
import dev.fermata.v1.SessionEvent;
import dev.fermata.v1.SessionServiceGrpc;
import dev.fermata.v1.SessionSnapshot;
import dev.fermata.v1.StreamStart;
import dev.fermata.v1.SubscribeRequest;
import dev.fermata.v1.SubscribeResponse;
import dev.fermata.v1.WatchHostsRequest;
import dev.fermata.v1.WatchHostsResponse;
import dev.fermata.v1.WatchSessionRequest;
import dev.fermata.v1.WatchSessionResponse;
import io.grpc.MethodDescriptor;
import java.time.Duration;
import java.util.Optional;
import java.util.function.BiFunction;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.function.ToIntFunction;

/**
 * What the three streams have in common: a start, and messages of the same four kinds.
 *
 * @param start where the caller wants to begin
 * @param withStart the request with another beginning
 * @param heartbeat how often a heartbeat is asked for; empty: as the server likes
 * @param read where a message stands, and what it says
 * @param part the number of a part of a snapshot
 * @param isLast whether it is the last part
 */
record StreamKind<Q, R, S extends Message, E>(
    MethodDescriptor<Q, R> method,
    Function<Q, Optional<StreamStart>> start,
    BiFunction<Q, StreamStart, Q> withStart,
    Function<Q, Optional<Duration>> heartbeat,
    Function<R, Received<S, E>> read,
    ToIntFunction<S> part,
    Predicate<S> isLast) {

  static final StreamKind<SubscribeRequest, SubscribeResponse, OwnerSnapshot, OwnerEvent> OWNER =
      new StreamKind<>(
          NotificationServiceGrpc.getSubscribeMethod(),
          request -> request.hasStart() ? Optional.of(request.getStart()) : Optional.empty(),
          (request, start) -> request.toBuilder().setStart(start).build(),
          request -> request.hasHeartbeatInterval() ? span(request.getHeartbeatInterval()) : Optional.empty(),
          m ->
              new Received<>(
                  position(m.getStoreId(), m.getSequence(), m.getTime(), m.getResumeToken()),
                  m.hasSnapshot() ? m.getSnapshot() : null,
                  m.hasEvent() ? m.getEvent() : null,
                  m.hasHeartbeat() ? m.getHeartbeat() : null,
                  m.hasGoingAway() ? m.getGoingAway() : null),
          OwnerSnapshot::getPart,
          OwnerSnapshot::getLast);

  static final StreamKind<WatchSessionRequest, WatchSessionResponse, SessionSnapshot, SessionEvent> SESSION =
      new StreamKind<>(
          SessionServiceGrpc.getWatchSessionMethod(),
          request -> request.hasStart() ? Optional.of(request.getStart()) : Optional.empty(),
          (request, start) -> request.toBuilder().setStart(start).build(),
          request -> request.hasHeartbeatInterval() ? span(request.getHeartbeatInterval()) : Optional.empty(),
          m ->
              new Received<>(
                  position(m.getStoreId(), m.getSequence(), m.getTime(), m.getResumeToken()),
                  m.hasSnapshot() ? m.getSnapshot() : null,
                  m.hasEvent() ? m.getEvent() : null,
                  m.hasHeartbeat() ? m.getHeartbeat() : null,
                  m.hasGoingAway() ? m.getGoingAway() : null),
          SessionSnapshot::getPart,
          SessionSnapshot::getLast);

  static final StreamKind<WatchHostsRequest, WatchHostsResponse, HostsSnapshot, HostEvent> HOSTS =
      new StreamKind<>(
          HostServiceGrpc.getWatchHostsMethod(),
          request -> request.hasStart() ? Optional.of(request.getStart()) : Optional.empty(),
          (request, start) -> request.toBuilder().setStart(start).build(),
          request -> request.hasHeartbeatInterval() ? span(request.getHeartbeatInterval()) : Optional.empty(),
          m ->
              new Received<>(
                  position(m.getStoreId(), m.getSequence(), m.getTime(), m.getResumeToken()),
                  m.hasSnapshot() ? m.getSnapshot() : null,
                  m.hasEvent() ? m.getEvent() : null,
                  m.hasHeartbeat() ? m.getHeartbeat() : null,
                  m.hasGoingAway() ? m.getGoingAway() : null),
          HostsSnapshot::getPart,
          HostsSnapshot::getLast);

  private static Optional<Duration> span(com.google.protobuf.Duration interval) {
    return Optional.of(Times.duration(interval));
  }

  private static Position position(String storeId, long sequence, Timestamp time, ByteString token) {
    return new Position(storeId, sequence, Times.instant(time), token);
  }
}
