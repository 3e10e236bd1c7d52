/** What makes a question one question. */
import { CounterOfferState, type Notification } from "../gen/fermata/v1/notification_pb.js";

/**
 * The key of the question that a pending notification asks. A declined counter-offer asks the same revision again, as another
 * question. The key is the reply's `request_id`, too, so that there are never two answers to one question.
 */
export function questionKey(notification: Notification): string {
  const key = `reply-${notification.id}-${notification.planRevision}`;
  const offer = notification.counterOffer;
  if (offer?.state !== CounterOfferState.DECLINED || !offer.createTime) return key;
  return `${key}-${offer.createTime.seconds}.${offer.createTime.nanos.toString().padStart(9, "0")}`;
}
