/** Events of a session, as lines. */
import { NotificationKind, type SessionEvent } from "@fermata/client";
import { hostInSession, hostInSessionTone, notificationKind, replyKind, serverState, serverTone, sessionState, sessionTone, action, count, counterOfferState, type Tone } from "./words.ts";

/** What happened, to whom. */
export interface EventLine {
  readonly id: number;
  readonly time: number;
  readonly tone: Tone;
  /** What it is about: a host, a server, a project. */
  readonly subject: string;
  /** Whether that is the id of a project. */
  readonly isProject?: boolean;
  readonly text: string;
}

/** The line of an event. `undefined`: this page does not know the event. */
export function eventLine({ event }: SessionEvent, time: number, id: number): EventLine | undefined {
  const line = (tone: Tone, subject: string, ...parts: readonly string[]): EventLine => ({ id, time, tone, subject, text: parts.filter(Boolean).join(" – ") });
  const project = (projectId: string, ...parts: readonly string[]): EventLine => ({ ...line("info", projectId, ...parts), isProject: true });
  switch (event.case) {
    case "session": {
      const { state, reason } = event.value;
      return line(sessionTone(state), "Session", sessionState(state), reason);
    }
    case "host": {
      const { host, state, reason } = event.value;
      return line(hostInSessionTone(state), host, hostInSession(state), reason);
    }
    case "server": {
      const { name, serverId, state, action: what, destinationHost, detail, host } = event.value;
      const where = destinationHost ? `${host} → ${destinationHost}` : host;
      return line(serverTone(state), name || serverId, `${serverState(state)}${what ? ` (${action(what).toLowerCase()})` : ""}`, where, detail);
    }
    case "ownerAsked": {
      const { projectId, kind, serverCount } = event.value;
      const servers = kind === NotificationKind.SCALE_IN ? `to remove ${count(serverCount, "server")}` : `about ${count(serverCount, "server")}`;
      return project(projectId, `Asked ${servers} (${notificationKind(kind).toLowerCase()})`);
    }
    case "ownerReplied": {
      const { projectId, kind, comment } = event.value;
      return project(projectId, `Replied: ${replyKind(kind).toLowerCase()}`, comment);
    }
    case "counterOfferJudged": {
      const { projectId, state, reason } = event.value;
      return project(projectId, `Counter-offer ${counterOfferState(state).toLowerCase()}`, reason);
    }
    case "holdBroken": {
      const { host, serverIds } = event.value;
      return line("bad", host, `Not empty any more: ${count(serverIds.length, "server")} on a host that is held`);
    }
    case undefined:
      return undefined;
  }
}
