package dev.fermata.client.owner;

import dev.fermata.v1.Notification;
import dev.fermata.v1.NotificationState;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;

/** Which questions were asked. Used by the reading thread alone. */
final class Questions {
  private final Work work;
  private final Lanes lanes;
  /** The last question of each notification that is not closed, also when it has been answered. */
  private final Map<String, Question> last = new HashMap<>();

  Questions(Work work, Lanes lanes) {
    this.work = work;
    this.lanes = lanes;
  }

  /** All notifications that are not closed: others have been closed meanwhile. */
  void all(List<Notification> notifications, Positions.Ticket ticket) {
    var open = new HashSet<String>();
    for (var notification : notifications) {
      open.add(notification.getId());
      one(notification, ticket);
    }
    last.entrySet()
        .removeIf(
            entry -> {
              boolean isGone = !open.contains(entry.getKey());
              if (isGone) {
                entry.getValue().close(true);
              }
              return isGone;
            });
  }

  /** A notification was sent, or changed. */
  void one(Notification notification, Positions.Ticket ticket) {
    var before = last.get(notification.getId());
    if (before != null && Long.compareUnsigned(notification.getPlanRevision(), before.planRevision()) < 0) {
      return;
    }
    if (notification.getState() == NotificationState.NOTIFICATION_STATE_PENDING) {
      asked(notification, before, ticket);
    } else if (before != null) {
      boolean isNewer = notification.getPlanRevision() != before.planRevision();
      boolean isOver = isOver(notification.getState());
      before.close(isNewer || isOver);
      if (isOver) {
        last.remove(notification.getId());
      }
    }
  }

  private void asked(Notification notification, Question before, Positions.Ticket ticket) {
    if (before != null && before.key().equals(Question.key(notification))) {
      before.update(notification);
      before.attach(ticket);
      return;
    }
    if (before != null) {
      before.close(true);
    }
    var id = notification.getId();
    var question = new Question(work, notification, () -> lanes.wake(id));
    question.attach(ticket);
    last.put(id, question);
    work.telemetry.asked();
    lanes.submit(id, question);
  }

  /** Whether nothing is asked any more. An answer that was given may still be asked for again, for a newer plan. */
  private static boolean isOver(NotificationState state) {
    return switch (state) {
      case NOTIFICATION_STATE_EXPIRED, NOTIFICATION_STATE_CLOSED -> true;
      case NOTIFICATION_STATE_PENDING,
          NOTIFICATION_STATE_ANSWERED,
          NOTIFICATION_STATE_REJECTED,
          NOTIFICATION_STATE_COUNTER_OFFERED,
          NOTIFICATION_STATE_UNSPECIFIED,
          UNRECOGNIZED ->
          false;
    };
  }
}
