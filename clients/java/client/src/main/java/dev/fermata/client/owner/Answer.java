package dev.fermata.client.owner;

import dev.fermata.v1.Accept;
import dev.fermata.v1.Action;
import dev.fermata.v1.AffectedServer;
import dev.fermata.v1.CounterOffer;
import dev.fermata.v1.Decision;
import dev.fermata.v1.DecisionSource;
import dev.fermata.v1.Notification;
import dev.fermata.v1.OwnActionDone;
import dev.fermata.v1.Reject;
import dev.fermata.v1.ReplyRequest;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.BiConsumer;

/** What an owner answers to a question. */
public final class Answer {
  /** The most decisions that a reply may have. */
  private static final int MOST_DECISIONS = 10_000;

  private final String name;
  private final String comment;
  /** Null: no reply is sent. */
  private final BiConsumer<ReplyRequest.Builder, Notification> content;

  private Answer(String name, String comment, BiConsumer<ReplyRequest.Builder, Notification> content) {
    this.name = name;
    this.comment = comment;
    this.content = content;
  }

  /**
   * Go on: each server gets its default action, or the first that is allowed where it has no default. What the owner has decided
   * before stays.
   *
   * @return the answer
   */
  public static Answer accept() {
    return new Answer("accept", "", (reply, asked) -> reply.setAccept(defaults(asked)));
  }

  /**
   * Go on, with one action for every server.
   *
   * @param action one that is allowed for every server
   * @return the answer
   */
  public static Answer accept(Action action) {
    return accept(action, Map.of());
  }

  /**
   * Go on, with these decisions. A server that is not named stays undecided.
   *
   * @param decisions the action for each server, by its id; at most 10,000
   * @return the answer
   */
  public static Answer accept(Map<String, Action> decisions) {
    return accept(Action.ACTION_UNSPECIFIED, decisions);
  }

  /**
   * Go on, with these decisions, and one action for every other server.
   *
   * @param others the action for each server that is not named
   * @param decisions the action for each server, by its id; at most 10,000
   * @return the answer
   */
  public static Answer accept(Action others, Map<String, Action> decisions) {
    Objects.requireNonNull(others);
    // In a fixed order: an answer that is given again is the same to the last byte.
    var sorted =
        decisions.entrySet().stream().sorted(Map.Entry.comparingByKey()).map(e -> decision(e.getKey(), e.getValue())).toList();
    var accept = Accept.newBuilder().setAction(others).addAllDecisions(sorted).build();
    return new Answer("accept", "", (reply, asked) -> reply.setAccept(accept));
  }

  /**
   * Do not go on.
   *
   * @param reason why, for people; required, at most 1,024 characters
   * @return the answer
   */
  public static Answer reject(String reason) {
    var reject = Reject.newBuilder().setReason(reason).build();
    return new Answer("reject", "", (reply, asked) -> reply.setReject(reject));
  }

  /**
   * Another time or order. Fermata makes a plan with it, and asks again.
   *
   * @param offer what is offered
   * @return the answer
   */
  public static Answer counterOffer(CounterOffer offer) {
    Objects.requireNonNull(offer);
    return new Answer("counter_offer", "", (reply, asked) -> reply.setCounterOffer(offer));
  }

  /**
   * The owner has moved, rebuilt or deleted servers itself; for SCALE_IN: it has scaled in, as far as it can.
   *
   * @param serverIds the servers; empty: all that were decided OWN_ACTION
   * @return the answer
   */
  public static Answer ownActionDone(Collection<String> serverIds) {
    var done = OwnActionDone.newBuilder().addAllServerIds(serverIds).build();
    return new Answer("own_action_done", "", (reply, asked) -> reply.setOwnActionDone(done));
  }

  /**
   * No answer: somebody else answers, or what the session and the policies say counts.
   *
   * @return the answer
   */
  public static Answer none() {
    return new Answer("no_answer", "", null);
  }

  /**
   * The same answer with a comment.
   *
   * @param comment for the operator; at most 1,024 characters
   * @return the answer
   */
  public Answer withComment(String comment) {
    return new Answer(name, Objects.requireNonNull(comment), content);
  }

  /**
   * What kind of answer it is.
   *
   * @return {@code accept}, {@code reject}, {@code counter_offer}, {@code own_action_done} or {@code no_answer}
   */
  public String name() {
    return name;
  }

  @Override
  public String toString() {
    return name;
  }

  boolean isSent() {
    return content != null;
  }

  ReplyRequest reply(Notification asked, String requestId) {
    var reply =
        ReplyRequest.newBuilder()
            .setProjectId(asked.getProjectId())
            .setNotificationId(asked.getId())
            .setPlanRevision(asked.getPlanRevision())
            .setComment(comment)
            .setRequestId(requestId);
    content.accept(reply, asked);
    return reply.build();
  }

  private static Accept defaults(Notification asked) {
    if (asked.getServersOmitted()) {
      // They could not be read in time.
      return Accept.newBuilder().setAction(asked.getDefaultAction()).build();
    }
    var decisions = asked.getServersList().stream().flatMap(server -> byDefault(server).stream()).toList();
    if (decisions.size() <= MOST_DECISIONS) {
      return Accept.newBuilder().addAllDecisions(decisions).build();
    }
    // Too many to name each: the session's default for all but those that differ from it.
    var common = asked.getDefaultAction();
    var others = decisions.stream().filter(decision -> decision.getAction() != common).toList();
    return Accept.newBuilder().setAction(common).addAllDecisions(others).build();
  }

  private static List<Decision> byDefault(AffectedServer server) {
    if (server.getDecisionSource() == DecisionSource.DECISION_SOURCE_OWNER) {
      return List.of();
    }
    if (server.getDefaultAction() != Action.ACTION_UNSPECIFIED) {
      return List.of(decision(server.getServerId(), server.getDefaultAction()));
    }
    return server.getAllowedActionsList().stream().limit(1).map(first -> decision(server.getServerId(), first)).toList();
  }

  private static Decision decision(String serverId, Action action) {
    return Decision.newBuilder().setServerId(serverId).setAction(action).build();
  }
}
