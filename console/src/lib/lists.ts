/** Lists that come page by page. */

/** All pages of a list, one after the other. */
export async function* pages<P extends { readonly nextPageToken: string }>(list: (token: string) => Promise<P>): AsyncGenerator<P, void, undefined> {
  let token = "";
  do {
    const page = await list(token);
    yield page;
    token = page.nextPageToken;
  } while (token);
}

/** Whether `text` contains every word of `sought`, in whatever case. */
export function matches(sought: string, ...texts: readonly string[]): boolean {
  const all = texts.join(" ").toLowerCase();
  return sought.toLowerCase().split(/\s+/).every((word) => all.includes(word));
}
