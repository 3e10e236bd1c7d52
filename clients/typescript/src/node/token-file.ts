/** A token that somebody else renews. */
import { readFile } from "node:fs/promises";
import { Code } from "@connectrpc/connect";
import type { Credentials } from "../credentials.js";
import { FermataError } from "../error.js";

/** A bearer token in a file, which is read for each call, so that it may be renewed there. */
export function tokenFile(path: string): Credentials {
  return {
    renewable: true,
    async headers() {
      try {
        return { authorization: `Bearer ${(await readFile(path, "utf8")).trim()}` };
      } catch (cause) {
        throw new FermataError(`cannot read the token file ${path}`, Code.Unauthenticated, { cause });
      }
    },
  };
}
