/** What somebody is about to do: asked for once more, with its reason, before it is done. */

/** Something that changes the world. */
export interface Act {
  readonly title: string;
  /** What will happen. */
  readonly text: string;
  /** What the button says. */
  readonly verb: string;
  readonly isDangerous?: boolean;
  /** Whether it is asked why. */
  readonly reason: "no" | "may" | "must";
  /** Does it. Its errors are shown. */
  perform(reason: string): Promise<unknown>;
}

/** The act that is asked about, and what was done last. */
export const acts = $state<{ asked: Act | undefined; told: string }>({ asked: undefined, told: "" });

/** Asks before it is done. */
export function ask(act: Act): void {
  acts.asked = act;
}

let timer: ReturnType<typeof setTimeout> | undefined;

/** Tells for a while what was done. */
export function tell(text: string): void {
  acts.told = text;
  clearTimeout(timer);
  timer = setTimeout(() => (acts.told = ""), 6000);
}
