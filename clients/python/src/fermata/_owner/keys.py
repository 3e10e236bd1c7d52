"""Which question is the same one."""

from __future__ import annotations

from typing import NamedTuple

from fermata.v1 import notification_pb2
from fermata.v1.notification_pb2 import Notification


class Key(NamedTuple):
    """A question: the notification, the plan that it describes, and when a counter-offer to it that was declined was made."""

    notification_id: str
    plan_revision: int
    declined_ns: int

    @classmethod
    def of(cls, notification: Notification) -> Key:
        """The key of a pending notification."""
        offer = notification.counter_offer
        declined = offer.state == notification_pb2.COUNTER_OFFER_STATE_DECLINED
        return cls(notification.id, notification.plan_revision, offer.create_time.ToNanoseconds() if declined else 0)

    @property
    def request_id(self) -> str:
        """The `request_id` of the reply. From the key alone, so that one question never gets two different answers."""
        return f"owner/{self.notification_id}/{self.plan_revision}/{self.declined_ns}"
