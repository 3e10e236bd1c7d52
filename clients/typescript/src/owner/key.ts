/** What makes a question one question. */
import { CounterOfferState, type Notification } from "../gen/fermata/v1/notification_pb.js";

/**
 * The key of the question that a pending notification asks. A declined counter-offer asks the same revision again, as another
 * question. The key is the reply's `request_id`, too, so that there are never two answers to one question.
 */
export function questionKey(notification: Notification): string {
  const offer = notification.counterOffer;
  const declined = offer?.state === CounterOfferState.DECLINED ? offer.createTime : undefined;
  const at = declined ? declined.seconds * 1_000_000_000n + BigInt(declined.nanos) : 0n;
  return `owner/${notification.id}/${notification.planRevision}/${at}`;
}
