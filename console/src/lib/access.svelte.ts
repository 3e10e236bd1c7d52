/** Who is signed in, and the connection that carries the calls. The token stays in this tab. */
import { CallerKind, Code, type Connection, FermataError, type ServerInfo, token as bearer } from "@fermata/client";
import { connect } from "@fermata/client/web";
import { ProjectNames } from "./projects.svelte.ts";

/** As whom somebody looks at the console. */
export type Side = "operator" | "owner";

const KEY = "fermata.access";

interface Kept {
  readonly token: string;
  readonly project: string;
  readonly side: Side | undefined;
}

/** Someone who is signed in. */
export interface Access {
  readonly connection: Connection;
  readonly info: ServerInfo;
  readonly side: Side;
  /** The project of an owner. Empty for operators. */
  readonly project: string;
  /** Whether the same caller may take either side: nobody checks who calls. */
  readonly isOpen: boolean;
  /** Whether this caller may change something, beside looking. */
  readonly mayAct: boolean;
  /** What projects are called. */
  readonly projects: ProjectNames;
}

/** Roles that may read what projects are called. */
const READ_PROJECTS = ["operator", "auditor", "owner"];

class Session {
  current = $state.raw<Access | undefined>();
  /** Why nobody is signed in any more. */
  farewell = $state("");
  #token = "";

  /**
   * Signs in, and remembers it for this tab.
   *
   * @param token - empty where the server does not ask who calls
   * @param project - for owners
   * @param side - for callers who may take either
   * @throws FermataError if the server does not take the token
   */
  async signIn(token: string, project: string, side?: Side): Promise<void> {
    const connection = connect(location.origin, token ? { credentials: bearer(token) } : {});
    const { serverInfo: info } = await connection.server.getServerInfo({});
    if (!info) throw new FermataError("the server did not say what it is", Code.Internal);
    const isOpen = info.callerKinds.includes(CallerKind.ANYBODY) || info.callerKinds.length === 0;
    const own: Side = info.role === "owner" ? "owner" : "operator";
    const taken = isOpen && side ? side : own;
    if (taken === "owner" && !project) throw new FermataError("name the project whose servers you own", Code.InvalidArgument);
    this.#close();
    this.#token = token;
    this.farewell = "";
    const mayAct = isOpen || info.role === "operator" || info.role === "owner";
    const list = async (ids: string[]) => (await connection.server.listProjects({ ids, pageSize: ids.length })).projects;
    const projects = new ProjectNames(isOpen || READ_PROJECTS.includes(info.role) ? list : undefined);
    this.current = { connection, info, side: taken, project: taken === "owner" ? project : "", isOpen, mayAct, projects };
    this.#keep({ token, project, side: taken });
  }

  /** Signs in as before the page was loaded again; where the server does not ask who calls, without being asked. */
  async resume(): Promise<void> {
    const kept = read();
    try {
      await this.signIn(kept?.token ?? "", kept?.project ?? "", kept?.side);
    } catch (error) {
      if (kept && error instanceof FermataError && error.code === Code.Unauthenticated) sessionStorage.removeItem(KEY);
      if (!(error instanceof FermataError) || error.code !== Code.Unauthenticated) throw error;
    }
  }

  /** The other side, where one may take either. */
  async turn(side: Side, project: string): Promise<void> {
    await this.signIn(this.#token, project, side);
  }

  signOut(farewell = ""): void {
    this.#close();
    this.current = undefined;
    this.farewell = farewell;
    this.#token = "";
    sessionStorage.removeItem(KEY);
  }

  #close(): void {
    this.current?.projects.close();
    this.current?.connection.close();
  }

  #keep(kept: Kept): void {
    sessionStorage.setItem(KEY, JSON.stringify(kept));
  }
}

function read(): Kept | undefined {
  try {
    return JSON.parse(sessionStorage.getItem(KEY) ?? "null") as Kept | undefined;
  } catch {
    return undefined;
  }
}

export const session = new Session();

/** Who is signed in. Only pages behind the sign-in ask. */
export function access(): Access {
  if (!session.current) throw new Error("nobody is signed in");
  return session.current;
}

/** What went wrong, for people. */
export function explain(error: unknown): string {
  if (!(error instanceof FermataError)) return error instanceof Error ? error.message : String(error);
  if (error.code === Code.Unauthenticated && session.current) session.signOut(`Your sign-in is no longer valid: ${error.message}`);
  const details = [...error.fieldViolations, ...error.preconditionViolations].map(({ description }) => description);
  return details.length > 0 && !details.includes(error.message) ? `${error.message}: ${details.join("; ")}` : error.message;
}
