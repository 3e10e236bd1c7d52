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

/** What the three streams have in common: a start, and messages of the same four kinds. */
interface StreamKind<Q, R, S extends Message, E> {
  MethodDescriptor<Q, R> method();

  /** Where the caller wants to begin. */
  Optional<StreamStart> start(Q request);

  Q withStart(Q request, StreamStart start);

  /** How often a heartbeat is asked for. Empty: as the server likes. */
  Optional<Duration> heartbeat(Q request);

  Received<S, E> read(R response);

  int part(S snapshot);

  boolean isLast(S snapshot);

  private static Position position(String storeId, long sequence, Timestamp time, ByteString token) {
    return new Position(storeId, sequence, Times.instant(time), token);
  }

  StreamKind<SubscribeRequest, SubscribeResponse, OwnerSnapshot, OwnerEvent> OWNER =
      new StreamKind<>() {
        @Override
        public MethodDescriptor<SubscribeRequest, SubscribeResponse> method() {
          return NotificationServiceGrpc.getSubscribeMethod();
        }

        @Override
        public Optional<StreamStart> start(SubscribeRequest request) {
          return request.hasStart() ? Optional.of(request.getStart()) : Optional.empty();
        }

        @Override
        public SubscribeRequest withStart(SubscribeRequest request, StreamStart start) {
          return request.toBuilder().setStart(start).build();
        }

        @Override
        public Optional<Duration> heartbeat(SubscribeRequest request) {
          return request.hasHeartbeatInterval()
              ? Optional.of(Times.duration(request.getHeartbeatInterval()))
              : Optional.empty();
        }

        @Override
        public Received<OwnerSnapshot, OwnerEvent> read(SubscribeResponse m) {
          return new Received<>(
              position(m.getStoreId(), m.getSequence(), m.getTime(), m.getResumeToken()),
              m.hasSnapshot() ? m.getSnapshot() : null,
              m.hasEvent() ? m.getEvent() : null,
              m.hasHeartbeat() ? m.getHeartbeat() : null,
              m.hasGoingAway() ? m.getGoingAway() : null);
        }

        @Override
        public int part(OwnerSnapshot snapshot) {
          return snapshot.getPart();
        }

        @Override
        public boolean isLast(OwnerSnapshot snapshot) {
          return snapshot.getLast();
        }
      };

  StreamKind<WatchSessionRequest, WatchSessionResponse, SessionSnapshot, SessionEvent> SESSION =
      new StreamKind<>() {
        @Override
        public MethodDescriptor<WatchSessionRequest, WatchSessionResponse> method() {
          return SessionServiceGrpc.getWatchSessionMethod();
        }

        @Override
        public Optional<StreamStart> start(WatchSessionRequest request) {
          return request.hasStart() ? Optional.of(request.getStart()) : Optional.empty();
        }

        @Override
        public WatchSessionRequest withStart(WatchSessionRequest request, StreamStart start) {
          return request.toBuilder().setStart(start).build();
        }

        @Override
        public Optional<Duration> heartbeat(WatchSessionRequest request) {
          return request.hasHeartbeatInterval()
              ? Optional.of(Times.duration(request.getHeartbeatInterval()))
              : Optional.empty();
        }

        @Override
        public Received<SessionSnapshot, SessionEvent> read(WatchSessionResponse m) {
          return new Received<>(
              position(m.getStoreId(), m.getSequence(), m.getTime(), m.getResumeToken()),
              m.hasSnapshot() ? m.getSnapshot() : null,
              m.hasEvent() ? m.getEvent() : null,
              m.hasHeartbeat() ? m.getHeartbeat() : null,
              m.hasGoingAway() ? m.getGoingAway() : null);
        }

        @Override
        public int part(SessionSnapshot snapshot) {
          return snapshot.getPart();
        }

        @Override
        public boolean isLast(SessionSnapshot snapshot) {
          return snapshot.getLast();
        }
      };

  StreamKind<WatchHostsRequest, WatchHostsResponse, HostsSnapshot, HostEvent> HOSTS =
      new StreamKind<>() {
        @Override
        public MethodDescriptor<WatchHostsRequest, WatchHostsResponse> method() {
          return HostServiceGrpc.getWatchHostsMethod();
        }

        @Override
        public Optional<StreamStart> start(WatchHostsRequest request) {
          return request.hasStart() ? Optional.of(request.getStart()) : Optional.empty();
        }

        @Override
        public WatchHostsRequest withStart(WatchHostsRequest request, StreamStart start) {
          return request.toBuilder().setStart(start).build();
        }

        @Override
        public Optional<Duration> heartbeat(WatchHostsRequest request) {
          return request.hasHeartbeatInterval()
              ? Optional.of(Times.duration(request.getHeartbeatInterval()))
              : Optional.empty();
        }

        @Override
        public Received<HostsSnapshot, HostEvent> read(WatchHostsResponse m) {
          return new Received<>(
              position(m.getStoreId(), m.getSequence(), m.getTime(), m.getResumeToken()),
              m.hasSnapshot() ? m.getSnapshot() : null,
              m.hasEvent() ? m.getEvent() : null,
              m.hasHeartbeat() ? m.getHeartbeat() : null,
              m.hasGoingAway() ? m.getGoingAway() : null);
        }

        @Override
        public int part(HostsSnapshot snapshot) {
          return snapshot.getPart();
        }

        @Override
        public boolean isLast(HostsSnapshot snapshot) {
          return snapshot.getLast();
        }
      };
}
