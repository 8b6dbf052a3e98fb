/* How long to leave a server in peace after it failed. */
import { randomBelow } from "./bytes.js";

const FIRST_MS = 500;
const MAX_MS = 60 * 1000;
const ASKED_MS_MAX = 60 * 60 * 1000;

/* Milliseconds after so many failures in a row (1 or more), where the server asked for `askedMs`.
 * */
export function backoffMs(failures, askedMs) {
  const span = Math.min(MAX_MS, FIRST_MS * 2 ** Math.min(failures - 1, 20));
  const asked = Math.min(askedMs, ASKED_MS_MAX);
  const jitter = randomBelow(Math.floor(span / 2) + 1);
  return asked >= span ? asked + jitter : Math.max(asked, span / 2 + jitter);
}
