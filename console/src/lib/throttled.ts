/** Work that is asked for more often than it is done. */

/** Calls `work` now, or as soon as `ms` have passed since the last time: however often it is asked. */
export function throttled(ms: number, work: () => void): { ask(): void; stop(): void } {
  let timer: ReturnType<typeof setTimeout> | undefined;
  let last = 0;
  const run = () => {
    timer = undefined;
    last = Date.now();
    work();
  };
  return {
    ask() {
      timer ??= setTimeout(run, Math.max(0, last + ms - Date.now()));
    },
    stop() {
      clearTimeout(timer);
      timer = undefined;
    },
  };
}
