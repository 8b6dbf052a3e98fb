/* How long a request may wait for an answer on the way to a server, learned from requests that were
 * cut off. */

/* DESIGN: a proxy that ends silent requests is no outage: the next wait is a tenth shorter and
 * stays so. Several in a row are an outage, and what was learned of them is dropped. After an
 * outage one request does not wait. Half an hour after the last cut the longest wait is tried once
 * more. */
const CUT_MS_MIN = 900;
const CUTS_MAX = 3;
const HOLDS_MS = 30 * 60 * 1000;

export class WaitLimit {
  constructor(mostMs) {
    this.mostMs = this.ms = this.beforeMs = mostMs;
    this.cutMs = 0;
    this.cuts = 0;
    this.troubled = false;
  }

  next(wishedMs, nowMs) {
    if (this.troubled)
      return 0;
    if (this.ms < this.mostMs && nowMs - this.cutMs >= HOLDS_MS)
      this.ms = this.mostMs;
    return Math.min(wishedMs, this.ms);
  }

  answered() {
    this.beforeMs = this.ms;
    this.cuts = 0;
    this.troubled = false;
  }

  /* A request that was to wait for `askedMs` ended after `waitedMs`; `cut` is "no", "maybe" or
   * "said". Returns: whether that is nothing new; else it is an outage. */
  failed(cut, askedMs, waitedMs, nowMs) {
    const limited =
      askedMs > 0 && (cut === "said" || (cut === "maybe" && waitedMs >= CUT_MS_MIN));
    if (!limited || this.cuts === CUTS_MAX) {
      this.ms = this.beforeMs;
      this.cuts = 0;
      this.troubled = true;
      return false;
    }
    this.cuts++;
    this.cutMs = nowMs;
    const cutMs = Math.min(waitedMs, askedMs);
    const seconds = Math.floor((cutMs - Math.max(cutMs / 10, 1000)) / 1000);
    this.ms = Math.min(this.ms, Math.max(seconds, 1) * 1000);
    return true;
  }
}
