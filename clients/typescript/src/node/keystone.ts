/** Tokens of OpenStack Keystone, renewed before they end. */
import { Code } from "@connectrpc/connect";
import type { Credentials } from "../credentials.js";
import { FermataError } from "../error.js";
import { type Answer, post } from "./post.js";

/** A token is renewed so long before it ends, in milliseconds. */
const MARGIN_MS = 60_000;

/** A project or user by its name in a domain, or by its id. */
export type Named = { readonly id: string } | { readonly name: string; readonly domain: { readonly id: string } | { readonly name: string } };

/** Who somebody is for Keystone. */
export type Identity =
  | { readonly kind: "password"; readonly user: Named; readonly password: string; readonly scope: { readonly project: Named } | "system" }
  | { readonly kind: "application_credential"; readonly id: string; readonly secret: string }
  | { readonly kind: "application_credential"; readonly name: string; readonly user: Named; readonly secret: string };

/** Which Keystone, and who. */
export interface KeystoneOptions {
  /** The address of Keystone, with or without `/v3` (`OS_AUTH_URL`). */
  readonly authUrl: string;
  readonly identity: Identity;
  /** PEM file with the CA of Keystone's certificate (`OS_CACERT`). Unset: those of Node.js. */
  readonly caFile?: string;
}

interface Token {
  readonly value: string;
  readonly expiresAt: number;
}

/**
 * Tokens of Keystone. One is fetched with the first call, and another one a minute before it ends or when the server says
 * that it has expired.
 */
export function keystone(options: KeystoneOptions): Credentials {
  const url = `${options.authUrl.replace(/\/+$/, "").replace(/\/v3$/, "")}/v3/auth/tokens`;
  const body = JSON.stringify(authOf(options.identity));
  let token: Token | undefined;
  let fetching: Promise<Token> | undefined;
  const fetchToken = async () => {
    const answer = await reach(url, body, options.caFile);
    token = tokenOf(url, answer);
    return token;
  };
  return {
    renewable: true,
    async headers() {
      if (!token || Date.now() >= token.expiresAt - MARGIN_MS) {
        // Calls that are made at the same time share one request.
        fetching ??= fetchToken().finally(() => {
          fetching = undefined;
        });
        await fetching;
      }
      return { authorization: `Bearer ${token?.value}` };
    },
    expired() {
      token = undefined;
    },
  };
}

function authOf(identity: Identity): object {
  if (identity.kind === "application_credential") {
    // Keystone takes fields that it does not know, such as `kind`, for an error.
    const credential = { ...identity, kind: undefined };
    return { auth: { identity: { methods: ["application_credential"], application_credential: credential } } };
  }
  const { user, password, scope } = identity;
  return {
    auth: {
      identity: { methods: ["password"], password: { user: { ...user, password } } },
      scope: scope === "system" ? { system: { all: true } } : scope,
    },
  };
}

async function reach(url: string, body: string, caFile: string | undefined): Promise<Answer> {
  try {
    return await post(url, body, caFile);
  } catch (cause) {
    throw new FermataError(`cannot reach Keystone at ${url}`, Code.Unavailable, { cause });
  }
}

function tokenOf(url: string, { status, headers, body }: Answer): Token {
  const value = headers["x-subject-token"];
  if (status === 201 && typeof value === "string") {
    return { value, expiresAt: expiryOf(body) };
  }
  // Whatever else Keystone answers is its own trouble, and may pass.
  const refused = status === 400 || status === 401 || status === 403 || status === 404;
  throw new FermataError(
    `Keystone at ${url} gave no token: HTTP status ${status}`,
    refused ? Code.Unauthenticated : Code.Unavailable,
  );
}

function expiryOf(body: string): number {
  try {
    const { token } = JSON.parse(body) as { token?: { expires_at?: string } };
    const time = Date.parse(token?.expires_at ?? "");
    if (!Number.isNaN(time)) return time;
  } catch {
    // Falls through: a body that is no JSON carries no time either.
  }
  // A token without an end is used until the server refuses it.
  return Number.POSITIVE_INFINITY;
}
