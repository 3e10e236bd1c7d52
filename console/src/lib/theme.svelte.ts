/** Light or dark: as the system has it, unless somebody chose otherwise. */

const KEY = "fermata.theme";
const dark = globalThis.matchMedia?.("(prefers-color-scheme: dark)");

export const theme = $state({ isDark: dark?.matches ?? false });

function show(isDark: boolean): void {
  theme.isDark = isDark;
  document.documentElement.dataset["theme"] = isDark ? "dark" : "light";
}

/** Takes the choice that this browser remembers. */
export function startTheme(): void {
  const kept = localStorage.getItem(KEY);
  show(kept ? kept === "dark" : (dark?.matches ?? false));
  dark?.addEventListener("change", ({ matches }) => {
    if (!localStorage.getItem(KEY)) show(matches);
  });
}

/** The other one. */
export function turnTheme(): void {
  show(!theme.isDark);
  localStorage.setItem(KEY, theme.isDark ? "dark" : "light");
}
