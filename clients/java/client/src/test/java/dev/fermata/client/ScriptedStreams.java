package dev.fermata.client;

import com.google.protobuf.ByteString;
import com.google.protobuf.Duration;
import dev.fermata.v1.GoingAway;
import dev.fermata.v1.Heartbeat;
import dev.fermata.v1.Notification;
import dev.fermata.v1.NotificationServiceGrpc;
import dev.fermata.v1.OwnerEvent;
import dev.fermata.v1.OwnerSnapshot;
import dev.fermata.v1.ServerEvent;
import dev.fermata.v1.SubscribeRequest;
import dev.fermata.v1.SubscribeResponse;
import io.grpc.stub.StreamObserver;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;

/** Subscribe, whose streams do what a test says, one after the other. */
public class ScriptedStreams extends NotificationServiceGrpc.NotificationServiceImplBase {
  /** What one stream does. */
  public interface Script extends Consumer<StreamObserver<SubscribeResponse>> {}

  private final List<Script> scripts;
  private final List<SubscribeRequest> requests = new CopyOnWriteArrayList<>();

  public ScriptedStreams(Script... scripts) {
    this.scripts = List.of(scripts);
  }

  /** With what each stream was opened. */
  public List<SubscribeRequest> requests() {
    return requests;
  }

  @Override
  public void subscribe(SubscribeRequest request, StreamObserver<SubscribeResponse> stream) {
    requests.add(request);
    // What is opened more often than a test says does what the last one did.
    scripts.get(Math.min(requests.size(), scripts.size()) - 1).accept(stream);
  }

  private static SubscribeResponse.Builder at(long sequence) {
    return SubscribeResponse.newBuilder().setSequence(sequence).setResumeToken(token(sequence));
  }

  public static ByteString token(long sequence) {
    return ByteString.copyFromUtf8("after " + sequence);
  }

  public static SubscribeResponse snapshot(long sequence, Notification... notifications) {
    var snapshot = OwnerSnapshot.newBuilder().setPart(1).setLast(true).addAllNotifications(List.of(notifications));
    return at(sequence).setStoreId("store").setSnapshot(snapshot).build();
  }

  public static SubscribeResponse part(long sequence, int part, boolean last, String id) {
    var notification = Notification.newBuilder().setId(id);
    var snapshot = OwnerSnapshot.newBuilder().setPart(part).setLast(last).addNotifications(notification);
    var message = at(sequence).setStoreId("store").setSnapshot(snapshot);
    return (last ? message : message.clearResumeToken()).build();
  }

  public static SubscribeResponse event(long sequence) {
    var event = ServerEvent.newBuilder().setServerId("server-" + sequence).setSessionId("session");
    return event(sequence, OwnerEvent.newBuilder().setServer(event).build());
  }

  public static SubscribeResponse event(long sequence, OwnerEvent event) {
    return at(sequence).setEvent(event).build();
  }

  public static SubscribeResponse asked(long sequence, Notification notification) {
    return event(sequence, OwnerEvent.newBuilder().setNotification(notification).build());
  }

  public static SubscribeResponse unknown(long sequence) {
    return at(sequence).build();
  }

  public static SubscribeResponse heartbeat(long sequence, double seconds) {
    return at(sequence).setStoreId("store").setHeartbeat(Heartbeat.newBuilder().setInterval(span(seconds))).build();
  }

  public static SubscribeResponse goingAway(long sequence, double seconds) {
    return at(sequence).setStoreId("store").setGoingAway(GoingAway.newBuilder().setReconnectAfter(span(seconds))).build();
  }

  public static Duration span(double seconds) {
    return Duration.newBuilder().setSeconds((long) seconds).setNanos((int) Math.round(seconds % 1 * 1e9)).build();
  }
}
