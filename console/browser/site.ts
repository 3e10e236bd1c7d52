/** A server with the console, callers with tokens, and browsers that look. */
import { createHash, randomBytes } from "node:crypto";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { SimulatedFermata } from "@fermata/client/testing";
import { type Browser, type BrowserContext, chromium, type Page } from "playwright-core";

/** The projects of the small telco site that comes with Fermata. */
export const CORE = "3f6c1c52a0f44d0c9a4be1d0c6f7a101";
export const IMS = "8b1d7e04c2ce4f5fb0a55b7d2f9ea202";

/** Tokens by role. */
export interface Tokens {
  readonly operator: string;
  readonly auditor: string;
  readonly core: string;
  readonly ims: string;
}

export interface SiteOptions {
  /** Whether callers need tokens. Unset: they do. */
  readonly isOpen?: boolean;
  readonly topology?: string;
}

export interface PageOptions {
  readonly width?: number;
  readonly height?: number;
  readonly scheme?: "light" | "dark";
}

/** A running site, with everything that was started for it. */
export class Site {
  readonly complaints: string[] = [];
  readonly #contexts: BrowserContext[] = [];

  private constructor(
    readonly fermata: SimulatedFermata,
    readonly tokens: Tokens,
    private readonly browser: Browser,
    private readonly folder: string,
  ) {}

  static async start({ isOpen = false, topology }: SiteOptions = {}): Promise<Site> {
    const folder = await mkdtemp(join(tmpdir(), "fermata-console-"));
    const file = join(folder, "principals.toml");
    const tokens = { operator: secret(), auditor: secret(), core: secret(), ims: secret() };
    await writeFile(file, principals(tokens), { mode: 0o600 });
    const args = isOpen ? [] : ["--principals", file];
    const fermata = await SimulatedFermata.start({ args, ...(topology !== undefined && { topology }) });
    // The shell has no windows, and needs half of the time.
    const executablePath = process.env["CHROMIUM"] || "/usr/bin/chromium-headless-shell";
    // In containers there is no room for Chromium's own sandbox, nor for much shared memory.
    const browser = await chromium.launch({ executablePath, args: ["--no-sandbox", "--disable-dev-shm-usage"] });
    return new Site(fermata, tokens, browser, folder);
  }

  get url(): string {
    return `${this.fermata.url}/console/`;
  }

  /** A browser of its own, whose complaints are kept: errors of scripts, and what the content security policy refuses. */
  async page({ width = 1440, height = 900, scheme = "light" }: PageOptions = {}): Promise<Page> {
    const context = await this.browser.newContext({ viewport: { width, height }, colorScheme: scheme, locale: "en-GB", timezoneId: "UTC", reducedMotion: "reduce" });
    this.#contexts.push(context);
    const page = await context.newPage();
    page.setDefaultTimeout(60_000);
    page.on("pageerror", (error) => this.complaints.push(error.stack ?? error.message));
    page.on("console", (message) => {
      // A call that is refused, or a server that is away, is told in red, too.
      const text = message.text();
      if (message.type() === "error" && !text.includes("Failed to load resource")) this.complaints.push(text);
    });
    return page;
  }

  /** A page on which somebody has signed in. */
  async signedIn(token: string, project = "", options: PageOptions = {}): Promise<Page> {
    const page = await this.page(options);
    await page.goto(this.url);
    await page.getByLabel("Token").fill(token);
    if (project) await page.getByLabel("Project").fill(project);
    await page.getByRole("button", { name: "Sign in" }).click();
    await page.getByRole("navigation", { name: "Pages" }).waitFor();
    return page;
  }

  /** Pictures of all pages as they stand, to see why a test failed. */
  async photograph(name: string): Promise<void> {
    const pages = this.#contexts.flatMap((context) => context.pages());
    for (const [index, page] of pages.entries()) await page.screenshot({ path: `${name}-${index}.png`, fullPage: true });
  }

  async close(): Promise<void> {
    for (const context of this.#contexts) await context.close();
    await this.browser.close();
    await this.fermata.close();
    await rm(this.folder, { recursive: true, force: true });
  }
}

/** As `fermata token create` makes them. */
function secret(): string {
  return `fermata_${randomBytes(32).toString("base64url")}`;
}

function principals({ operator, auditor, core, ims }: Tokens): string {
  const entry = (name: string, role: string, token: string, projects: string[] = []) =>
    ["[[principal]]", `name = "${name}"`, `roles = ["${role}"]`, `tokens = ["sha256:${createHash("sha256").update(token).digest("hex")}"]`,
      ...(projects.length ? [`projects = ${JSON.stringify(projects)}`] : []), ""].join("\n");
  return [entry("noc", "operator", operator), entry("audit", "auditor", auditor), entry("vnfm-core", "owner", core, [CORE]), entry("vnfm-ims", "owner", ims, [IMS])].join("\n");
}
