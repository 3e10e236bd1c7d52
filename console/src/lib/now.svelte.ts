/** The time of day, for everything that counts down. It ticks once a second while somebody looks. */
import { createSubscriber } from "svelte/reactivity";

const subscribe = createSubscriber((update) => {
  const timer = setInterval(update, 1000);
  return () => clearInterval(timer);
});

/** Milliseconds since 1970, read again each second where it is used. */
export function now(): number {
  subscribe();
  return Date.now();
}
