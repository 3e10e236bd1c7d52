/** The example VNFM as a program.   usage: node main.js SERVER PROJECT STATE-FILE ACTIVE STANDBY */
import { Owner } from "@fermata/client";
import { connect } from "@fermata/client/node";
import { PairInFile } from "./vnf.js";
import { vnfm } from "./vnfm.js";

const [server, projectId, file, active, standby] = process.argv.slice(2);
if (!server || !projectId || !file || !active || !standby) {
  console.error("usage: node main.js SERVER PROJECT STATE-FILE ACTIVE STANDBY");
  process.exit(2);
}
const stop = new AbortController();
for (const signal of ["SIGTERM", "SIGINT"] as const) process.once(signal, () => stop.abort());

using connection = connect(server);
const owner = new Owner(connection, {
  projectId,
  subscriptionId: "example-vnfm",
  displayName: "example VNFM",
  ...vnfm(new PairInFile(file, [active, standby]), console.log),
});
await owner.run({ signal: stop.signal });
