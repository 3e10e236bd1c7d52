package dev.fermata.client.watch;

import static dev.fermata.client.ScriptedStreams.event;
import static dev.fermata.client.ScriptedStreams.part;
import static dev.fermata.client.ScriptedStreams.snapshot;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.fermata.client.FermataException;
import dev.fermata.v1.Notification;
import dev.fermata.v1.SubscribeRequest;
import io.grpc.Status;
import java.util.List;
import org.junit.jupiter.api.Test;

class SnapshotTest extends WatchFixture {
  @Test
  void aSnapshotSetsTheSequenceHigherOrLower() throws Exception {
    var watch = watch(send(snapshot(90), event(91), snapshot(2), event(3)));
    state(watch.next());
    assertEquals(91, sequence(watch.next()));
    state(watch.next());
    assertEquals(3, sequence(watch.next()));
  }

  @Test
  void anExpiredTokenMeansASnapshotWhoeverGaveIt() throws Exception {
    var request = SubscribeRequest.newBuilder().setStart(after(9)).build();
    var watch = watch(request, QUICK, thenFail(Status.Code.OUT_OF_RANGE, "RESUME_TOKEN_EXPIRED"), send(snapshot(20)));
    assertEquals("RESUME_TOKEN_EXPIRED", cut(Interruption.MISSED, watch.next()).error().orElseThrow().name());
    state(watch.next());
    assertEquals(SNAPSHOT, start(1));
  }

  @Test
  void anInvalidTokenOfItsOwnMeansASnapshot() throws Exception {
    var watch =
        watch(
            thenEnd(snapshot(90)),
            thenFail(Status.Code.INVALID_ARGUMENT, "RESUME_TOKEN_INVALID"),
            send(snapshot(2), event(3)));
    state(watch.next());
    cut(Interruption.CLOSED, watch.next());
    cut(Interruption.MISSED, watch.next());
    state(watch.next());
    assertEquals(3, sequence(watch.next()));
  }

  @Test
  void anInvalidTokenOfTheCallersEndsIt() throws Exception {
    var request = SubscribeRequest.newBuilder().setStart(after(9)).build();
    var watch = watch(request, QUICK, thenFail(Status.Code.INVALID_ARGUMENT, "RESUME_TOKEN_INVALID"));
    assertEquals("RESUME_TOKEN_INVALID", assertThrows(FermataException.class, watch::next).name());
  }

  @Test
  void aSnapshotInPartsComesWhole() throws Exception {
    var watch = watch(send(part(5, 1, false, "a"), part(5, 2, false, "b"), part(5, 3, true, "c"), event(6)));
    assertEquals(
        List.of("a", "b", "c"), state(watch.next()).getNotificationsList().stream().map(Notification::getId).toList());
    assertEquals(6, sequence(watch.next()));
  }

  @Test
  void theNextStreamBeginsWhereOneBeganThatWasCutBetweenParts() throws Exception {
    var watch = watch(thenEnd(part(5, 1, false, "a")), send(part(7, 1, false, "b"), part(7, 2, true, "c")));
    cut(Interruption.CLOSED, watch.next());
    assertEquals(2, state(watch.next()).getNotificationsCount());
    assertEquals(SNAPSHOT, start(1));
  }

  @Test
  void partsOutOfOrderAreAskedForAgain() throws Exception {
    var watch = watch(send(part(5, 1, false, "a"), part(5, 3, true, "c")), send(snapshot(5)));
    cut(Interruption.FAILED, watch.next());
    state(watch.next());
    assertEquals(SNAPSHOT, start(1));
  }

  @Test
  void aSnapshotThatIsTooLargeEndsIt() throws Exception {
    var first = part(5, 1, false, "a");
    var options =
        new WatchOptions(
            QUICK.firstWait(), QUICK.longestWait(), QUICK.openTimeout(), first.getSnapshot().getSerializedSize() * 2 - 1);
    var watch = watch(SubscribeRequest.getDefaultInstance(), options, send(first, part(5, 2, true, "b")));
    assertEquals(Status.Code.RESOURCE_EXHAUSTED, assertThrows(FermataException.class, watch::next).code());
  }
}
