/** The report of a session, from all its pages. */
import type { Connection } from "../connection.js";
import type { SessionReport } from "../gen/fermata/v1/session_pb.js";

/** Reads the whole report. A host that is spread over two pages is put together. */
export async function wholeReport(connection: Connection, sessionId: string, signal?: AbortSignal): Promise<SessionReport> {
  let whole: SessionReport | undefined;
  let pageToken = "";
  do {
    const page = await connection.sessions.getSessionReport({ sessionId, pageToken, pageSize: 500 }, signal ? { signal } : {});
    if (page.report) whole = whole ? joined(whole, page.report) : page.report;
    pageToken = page.nextPageToken;
  } while (pageToken !== "");
  if (!whole) throw new Error("the server sent a report without content");
  return whole;
}

function joined(whole: SessionReport, page: SessionReport): SessionReport {
  for (const host of page.hosts) {
    const last = whole.hosts.at(-1);
    if (last && last.host?.host === host.host?.host) last.servers.push(...host.servers);
    else whole.hosts.push(host);
  }
  whole.notifications.push(...page.notifications);
  return whole;
}
