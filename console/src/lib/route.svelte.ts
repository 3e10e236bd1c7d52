/** Which page is shown: the part of the address after `#`. */

/** The parts of the path, for example `["sessions", "019a…", "owners"]`. */
export const route = $state<{ parts: readonly string[] }>({ parts: parse(globalThis.location?.hash ?? "") });

/** `#/sessions/a%20b` as `["sessions", "a b"]`. */
export function parse(hash: string): string[] {
  return hash.replace(/^#\/?/, "").split("/").filter(Boolean).map(decoded);
}

function decoded(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}

/** The address of a page. */
export function href(...parts: readonly string[]): string {
  return `#/${parts.map(encodeURIComponent).join("/")}`;
}

/** Goes to a page. */
export function go(...parts: readonly string[]): void {
  location.hash = href(...parts);
}

/** Follows the address. */
export function follow(): void {
  addEventListener("hashchange", () => {
    route.parts = parse(location.hash);
  });
}
