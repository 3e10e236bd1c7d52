/** An owner that decides otherwise at each start, and prints each step.   usage: node fickle.js SERVER PROJECT START */
import { accept, Action, Owner } from "@fermata/client";
import { connect } from "@fermata/client/node";

const [server = "", projectId = "", start = ""] = process.argv.slice(2);
const stop = new AbortController();
process.once("SIGTERM", () => stop.abort());

using connection = connect(server);
const actions = [Action.KEEP, Action.MIGRATE, Action.LIVE_MIGRATE];
const owner = new Owner(connection, {
  projectId,
  subscriptionId: "fickle",
  onPlanned: () => accept(actions[Number(start) % actions.length]),
  onServerEvent: () => {},
  onComplete: () => console.log("complete"),
  onActivity: (activity) => {
    switch (activity.kind) {
      case "item":
        // A step is what the owner has to do with.
        return activity.item.kind === "connected" ? undefined : console.log(activity.item.kind);
      case "handler":
        return console.log(`${activity.handler} ${activity.phase}`);
      case "reply":
        return console.log(`reply ${activity.outcome}`);
      case "acknowledged":
        return console.log("acknowledged");
    }
  },
});
await owner.run({ signal: stop.signal });
