/** Notifications that come without their servers. */
import type { Connection } from "../connection.js";
import type { AffectedServer, Notification } from "../gen/fermata/v1/notification_pb.js";

/** The notification with all its servers. */
export async function completed(
  connection: Connection,
  notification: Notification,
  signal?: AbortSignal,
): Promise<Notification> {
  if (!notification.serversOmitted || notification.servers.length > 0) return notification;
  const { id: notificationId, projectId } = notification;
  const servers: AffectedServer[] = [];
  let pageToken = "";
  do {
    const page = await connection.notifications.listNotificationServers(
      { projectId, notificationId, pageToken, pageSize: 1000 },
      signal ? { signal } : {},
    );
    servers.push(...page.servers);
    pageToken = page.nextPageToken;
  } while (pageToken !== "");
  return { ...notification, servers };
}
