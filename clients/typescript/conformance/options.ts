/** The command line of the conformance program. */
import { parseArgs } from "node:util";

const LAYERS = ["watch", "owner"] as const;
const BEHAVIOURS = ["accept", "reject", "raise", "slow", "counter_offer", "no_answer"] as const;

/** How the owner behaves. */
export type Behaviour = (typeof BEHAVIOURS)[number];

/** What is asked for. Spans are in milliseconds. */
export interface Options {
  readonly server: string;
  readonly project: string;
  readonly subscription: string;
  readonly journal: string;
  readonly layer: (typeof LAYERS)[number];
  readonly tokenFile: string | undefined;
  readonly tlsCa: string | undefined;
  readonly heartbeatMs: number | undefined;
  readonly behaviour: Behaviour;
  readonly slowForMs: number;
  readonly readDelayMs: number;
  readonly answerMarginMs: number | undefined;
}

/** @throws Error if the command line is wrong */
export function parse(args: readonly string[]): Options {
  const string = { type: "string" } as const;
  const { values } = parseArgs({
    args: [...args],
    options: {
      server: string,
      project: string,
      subscription: string,
      journal: string,
      layer: string,
      "token-file": string,
      "tls-ca": string,
      heartbeat: string,
      behaviour: string,
      "slow-for": string,
      "read-delay": string,
      "answer-margin": string,
    },
  });
  return {
    server: required(values.server, "server"),
    project: required(values.project, "project"),
    subscription: required(values.subscription, "subscription"),
    journal: required(values.journal, "journal"),
    layer: oneOf(LAYERS, values.layer, "layer"),
    tokenFile: values["token-file"],
    tlsCa: values["tls-ca"],
    heartbeatMs: seconds(values.heartbeat, "heartbeat"),
    behaviour: oneOf(BEHAVIOURS, values.behaviour ?? "accept", "behaviour"),
    slowForMs: seconds(values["slow-for"], "slow-for") ?? 0,
    readDelayMs: seconds(values["read-delay"], "read-delay") ?? 0,
    answerMarginMs: seconds(values["answer-margin"], "answer-margin"),
  };
}

function required(value: string | undefined, name: string): string {
  if (value === undefined) throw new Error(`--${name} is missing`);
  return value;
}

function oneOf<T extends string>(allowed: readonly T[], value: string | undefined, name: string): T {
  const found = allowed.find((one) => one === value);
  if (found === undefined) throw new Error(`--${name} is one of ${allowed.join(", ")}`);
  return found;
}

function seconds(value: string | undefined, name: string): number | undefined {
  if (value === undefined) return undefined;
  const number = Number(value);
  if (!(number >= 0)) throw new Error(`--${name} is a number of seconds, not ${JSON.stringify(value)}`);
  return number * 1000;
}
