/* How long a run stays, fixed before anything is sent, so that leaving tells nothing. */
import { randomBelow } from "./bytes.js";

/* DESIGN: at least 10 minutes; then every second is the last with equal probability, 20 minutes on
 * average; at most two hours. Near its end no new answers are begun. */
const DRAWN_S_MIN = 10 * 60;
const MEAN_MORE_S = 20 * 60;
const DRAWN_S_MAX = 120 * 60;
const CLOSING_MS_MAX = 60 * 1000;

export function drawStayS() {
  let stayS = DRAWN_S_MIN;
  while (stayS < DRAWN_S_MAX && randomBelow(MEAN_MORE_S) !== 0)
    stayS++;
  return stayS;
}

/* For how many milliseconds of a stay new answers are begun. */
export function openMs(stayS) {
  return stayS * 1000 - Math.min((stayS * 1000) / 4, CLOSING_MS_MAX);
}
