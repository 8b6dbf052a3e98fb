/* What stamps count for. What is worth paying is computed by the core. */

export const PAYMENT_MOST = 2 ** 14; /* of one's own accord */
export const PRICE_MAX = 2 ** 17; /* what is paid at most when it is asked for */

const HOUR_S = 3600;

export function hourOf(unixS) {
  return Math.floor(unixS / HOUR_S);
}

/* What an effort still counts for: half as much with each hour since its challenge's. */
export function effortNow(effort, hour, hourNow) {
  return hourNow > hour ? Math.floor(effort / 2 ** (hourNow - hour)) : effort;
}

/* The class of a T1: 0 without a stamp, else 1 + floor(log2(effort)), less one for each hour. */
export function stampClass(effort, hour, hourNow) {
  return 32 - Math.clz32(effortNow(effort, hour, hourNow));
}
