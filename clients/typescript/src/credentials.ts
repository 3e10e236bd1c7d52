/** Who calls. */

/** What every call presents. */
export interface Credentials {
  /** Whether another call may present something newer, so that an expired credential is no reason to give up. */
  readonly renewable: boolean;
  /**
   * The headers of the next call.
   *
   * @throws FermataError UNAUTHENTICATED if there is no credential, UNAVAILABLE if it cannot be had at the moment
   */
  headers(): Readonly<Record<string, string>> | Promise<Readonly<Record<string, string>>>;
  /** The server says that the credential has expired: the next call presents another one. */
  expired?(): void;
}

/** Nobody in particular, or whoever the client's certificate names. */
export const anonymous: Credentials = { renewable: false, headers: () => ({}) };

/** A bearer token that stays the same. */
export function token(bearer: string): Credentials {
  const headers = { authorization: `Bearer ${bearer.trim()}` };
  return { renewable: false, headers: () => headers };
}
