package dev.fermata.client.owner;

import dev.fermata.client.ScriptedStreams;
import dev.fermata.v1.AcknowledgePositionRequest;
import dev.fermata.v1.AcknowledgePositionResponse;
import dev.fermata.v1.AffectedServer;
import dev.fermata.v1.ListNotificationServersRequest;
import dev.fermata.v1.ListNotificationServersResponse;
import dev.fermata.v1.PutSubscriptionRequest;
import dev.fermata.v1.PutSubscriptionResponse;
import dev.fermata.v1.ReplyRequest;
import dev.fermata.v1.ReplyResponse;
import dev.fermata.v1.SubscribeResponse;
import dev.fermata.v1.Warning;
import io.grpc.StatusRuntimeException;
import io.grpc.stub.StreamObserver;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/** The owner's side of a server: one stream that a test feeds, and calls that it sees. */
final class ScriptedOwnerServer extends ScriptedStreams {
  final BlockingQueue<PutSubscriptionRequest> subscriptions = new LinkedBlockingQueue<>();
  final BlockingQueue<ReplyRequest> replies = new LinkedBlockingQueue<>();
  final BlockingQueue<Long> acknowledged = new LinkedBlockingQueue<>();
  /** What the next replies are answered with; success when there is none left. */
  final Queue<StatusRuntimeException> refusals = new ConcurrentLinkedQueue<>();
  /** What the next puts of the subscription are answered with. */
  final Queue<StatusRuntimeException> putRefusals = new ConcurrentLinkedQueue<>();

  /** What may be wrong with the subscription. */
  final Queue<Warning> warnings = new ConcurrentLinkedQueue<>();

  private final BlockingQueue<StreamObserver<SubscribeResponse>> streams;

  ScriptedOwnerServer() {
    this(new LinkedBlockingQueue<>());
  }

  private ScriptedOwnerServer(BlockingQueue<StreamObserver<SubscribeResponse>> streams) {
    super(streams::add, streams::add, streams::add);
    this.streams = streams;
  }

  /** The stream that was opened next. */
  StreamObserver<SubscribeResponse> stream() throws InterruptedException {
    return take(streams);
  }

  static <T> T take(BlockingQueue<T> queue) throws InterruptedException {
    var next = queue.poll(60, TimeUnit.SECONDS);
    if (next == null) {
      throw new AssertionError("waited for a call");
    }
    return next;
  }

  @Override
  public void putSubscription(PutSubscriptionRequest request, StreamObserver<PutSubscriptionResponse> answer) {
    subscriptions.add(request);
    answer(answer, putRefusals.poll(), PutSubscriptionResponse.newBuilder().addAllWarnings(warnings).build());
  }

  @Override
  public void reply(ReplyRequest request, StreamObserver<ReplyResponse> answer) {
    var refusal = refusals.poll();
    replies.add(request);
    answer(answer, refusal, ReplyResponse.getDefaultInstance());
  }

  @Override
  public void acknowledgePosition(
      AcknowledgePositionRequest request, StreamObserver<AcknowledgePositionResponse> answer) {
    acknowledged.add(request.getSequence());
    answer(answer, null, AcknowledgePositionResponse.getDefaultInstance());
  }

  /** Two pages of one server each. */
  @Override
  public void listNotificationServers(
      ListNotificationServersRequest request, StreamObserver<ListNotificationServersResponse> answer) {
    boolean isFirst = request.getPageToken().isEmpty();
    var server = AffectedServer.newBuilder().setServerId(isFirst ? "one" : "two");
    var page = ListNotificationServersResponse.newBuilder().addAllServers(List.of(server.build()));
    answer(answer, null, page.setNextPageToken(isFirst ? "next" : "").build());
  }

  private static <T> void answer(StreamObserver<T> answer, StatusRuntimeException refusal, T value) {
    if (refusal == null) {
      answer.onNext(value);
      answer.onCompleted();
    } else {
      answer.onError(refusal);
    }
  }
}
