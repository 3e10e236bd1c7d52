package dev.fermata.client.owner;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import dev.fermata.v1.Action;
import dev.fermata.v1.AffectedServer;
import dev.fermata.v1.Decision;
import dev.fermata.v1.DecisionSource;
import dev.fermata.v1.Notification;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class AnswerTest {
  private static AffectedServer server(String id, Action byDefault, Action... allowed) {
    return AffectedServer.newBuilder()
        .setServerId(id)
        .setDefaultAction(byDefault)
        .addAllAllowedActions(List.of(allowed))
        .build();
  }

  private static Decision decision(String id, Action action) {
    return Decision.newBuilder().setServerId(id).setAction(action).build();
  }

  @Test
  void toAcceptIsTheDefaultOfEachServerOrItsFirstAction() {
    var asked =
        Notification.newBuilder()
            .addServers(server("a", Action.ACTION_KEEP, Action.ACTION_MIGRATE, Action.ACTION_KEEP))
            .addServers(server("b", Action.ACTION_UNSPECIFIED, Action.ACTION_MIGRATE, Action.ACTION_KEEP))
            .addServers(server("c", Action.ACTION_UNSPECIFIED))
            .addServers(
                server("d", Action.ACTION_KEEP, Action.ACTION_KEEP).toBuilder()
                    .setDecision(Action.ACTION_MIGRATE)
                    .setDecisionSource(DecisionSource.DECISION_SOURCE_OWNER))
            .build();
    var accept = Answer.accept().reply(asked, "id").getAccept();
    assertEquals(
        List.of(decision("a", Action.ACTION_KEEP), decision("b", Action.ACTION_MIGRATE)), accept.getDecisionsList());
    assertEquals(Action.ACTION_UNSPECIFIED, accept.getAction());
  }

  @Test
  void moreServersThanAReplyMayNameTakeTheDefaultOfTheSession() {
    var asked = Notification.newBuilder().setDefaultAction(Action.ACTION_LIVE_MIGRATE);
    IntStream.range(0, 10_000).forEach(i -> asked.addServers(server("s" + i, Action.ACTION_LIVE_MIGRATE)));
    asked.addServers(server("other", Action.ACTION_KEEP));
    var accept = Answer.accept().reply(asked.build(), "id").getAccept();
    assertEquals(Action.ACTION_LIVE_MIGRATE, accept.getAction());
    assertEquals(List.of(decision("other", Action.ACTION_KEEP)), accept.getDecisionsList());
  }

  @Test
  void aReplyNamesWhatItAnswers() {
    var asked = Notification.newBuilder().setProjectId("core").setId("n").setPlanRevision(4).build();
    var reply =
        Answer.accept(Action.ACTION_MIGRATE, Map.of("b", Action.ACTION_KEEP, "a", Action.ACTION_KEEP))
            .withComment("why")
            .reply(asked, "n/4");
    assertEquals("core", reply.getProjectId());
    assertEquals("n", reply.getNotificationId());
    assertEquals(4, reply.getPlanRevision());
    assertEquals("n/4", reply.getRequestId());
    assertEquals("why", reply.getComment());
    assertEquals(Action.ACTION_MIGRATE, reply.getAccept().getAction());
    assertEquals(
        List.of(decision("a", Action.ACTION_KEEP), decision("b", Action.ACTION_KEEP)),
        reply.getAccept().getDecisionsList());
  }

  @Test
  void otherAnswersSayWhatTheyAre() {
    var asked = Notification.getDefaultInstance();
    assertEquals(
        List.of("s"), Answer.ownActionDone(List.of("s")).reply(asked, "").getOwnActionDone().getServerIdsList());
    assertEquals("own_action_done", Answer.ownActionDone(List.of()).name());
    assertEquals("no", Answer.reject("no").reply(asked, "").getReject().getReason());
    assertEquals(0, Answer.accept(Map.of()).reply(asked, "").getAccept().getDecisionsCount());
    assertFalse(Answer.none().isSent());
  }
}
