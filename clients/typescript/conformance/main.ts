/** Runs a watch or an owner against a server, and writes a journal. */
import {
  type Connection,
  create,
  duration,
  FermataError,
  Owner,
  SubscribeRequestSchema,
  watch,
} from "@fermata/client";
import { connect, tokenFile } from "@fermata/client/node";
import { handlersOf } from "./behaviours.js";
import { delayed } from "./delayed.js";
import { Journal } from "./journal.js";
import { type Options, parse } from "./options.js";

async function main(options: Options): Promise<void> {
  const journal = new Journal(options.journal);
  const stop = new AbortController();
  for (const signal of ["SIGTERM", "SIGINT"] as const) process.once(signal, () => stop.abort());
  const connection = connect(options.server, {
    ...(options.tokenFile !== undefined && { credentials: tokenFile(options.tokenFile) }),
    ...(options.tlsCa !== undefined && { tlsCaFile: options.tlsCa }),
  });
  const reading = delayed(connection, options.readDelayMs, stop.signal);
  try {
    if (options.layer === "watch") await watchAll(reading, options, journal, stop.signal);
    else await own(reading, options, journal, stop.signal);
    journal.ended("stopped");
  } catch (error) {
    journal.ended(FermataError.from(error).label);
    process.exitCode = 1;
  } finally {
    connection.close();
  }
}

async function watchAll(connection: Connection, options: Options, journal: Journal, signal: AbortSignal): Promise<void> {
  const { project: projectId, heartbeatMs } = options;
  const heartbeat = heartbeatMs !== undefined && { heartbeatInterval: duration(heartbeatMs) };
  for await (const item of watch(connection, create(SubscribeRequestSchema, { projectId, ...heartbeat }), { signal })) {
    journal.item(item);
  }
}

async function own(connection: Connection, options: Options, journal: Journal, signal: AbortSignal): Promise<void> {
  const { project, subscription, heartbeatMs, answerMarginMs } = options;
  const owner = new Owner(connection, {
    projectId: project,
    subscriptionId: subscription,
    ...handlersOf(options),
    ...(heartbeatMs !== undefined && { heartbeatIntervalMs: heartbeatMs }),
    ...(answerMarginMs !== undefined && { answerMarginMs }),
    onActivity: (activity) => journal.activity(activity),
    // The journal has what matters of it.
    onError: () => {},
  });
  await owner.run({ signal });
}

try {
  await main(parse(process.argv.slice(2)));
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 2;
}
