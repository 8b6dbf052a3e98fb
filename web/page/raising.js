/* Paying for a T1 that the server takes for work alone, and raising its stamp while we wait. */
import { areEqual } from "./bytes.js";
import { PAYMENT_MOST, PRICE_MAX, effortNow, hourOf } from "./payment.js";
import { Trouble, codeOf } from "./trouble.js";

const PLAN_MS = 60 * 1000;
const WAIT_MS = 1000; /* while there is something to search … */
const PASSED_MS_MAX = 1500; /* … and no more than a quarter of this in one go */
const PART = 4;
const FEW_TRIES = 8;

/* What our T1 pays at first. `session` has: transport, core, actions, me, place, event. */
export class Paying {
  constructor(session) {
    this.session = session;
    this.subject = null;
    this.best = null;
  }

  subjectNow() {
    const { me, place, transport } = this.session;
    return { kind: "r", place, record: me.t1Id, challenge: transport.asked.challenge };
  }

  isFor(subject) {
    return this.subject !== null && areEqual(this.subject.record, subject.record) &&
      areEqual(this.subject.challenge, subject.challenge);
  }

  /* Find a stamp for what is asked; sets `me.stamp`. */
  async pay() {
    const { transport, core, actions, me, event } = this.session;
    const price = transport.asked?.effort ?? 0;
    me.stamp = null;
    if (price === 0)
      return;
    if (price > PRICE_MAX)
      throw new Trouble("refused", "it asks for more work than is allowed here", { effort: price });
    const tries = core.paymentFirst(await transport.readClasses(), price, PAYMENT_MOST);
    if (!this.isFor(this.subjectNow())) {
      await transport.compareChallenge();
      this.subject = this.subjectNow();
      this.best = null;
    }
    const report = (leftMs) => event({ kind: "paying", effort: price, leftMs });
    const found = await actions.searchStamp(this.subject, price, tries, report);
    if (!this.best || found.effort > this.best.effort)
      this.best = { ...found, hour: hourOf(Date.now() / 1000) };
    me.stamp = this.best.nonce;
  }

  /* The T1 was refused for want of a stamp. */
  async payMore() {
    const { transport, me } = this.session;
    if (me.stamp && this.best.effort >= transport.asked.effort && this.isFor(this.subjectNow()))
      throw new Trouble("nonsense", "it asks again for work that was done");
    await this.pay();
  }
}

/* DESIGN: clients serve first whoever has paid most, so a client searches for a better stamp beside
 * its work, with a quarter of the time, and posts its T1 again with it. The target follows from the
 * hour and from what all T1s have paid, and from nothing else: it is the same before and after a
 * message was revealed. */
export class Raising {
  constructor(session, standing) {
    this.session = session;
    this.standing = standing ?? { effort: 0, hour: 0 };
    this.search = null;
    this.hour = 0;
    this.wanted = 0; /* effort; 0: nothing is to be done */
    this.planMs = 0;
    this.spentMs = 0;
  }

  /* The longest that others may be waited for meanwhile. */
  get waitMsMax() {
    return this.wanted > 0 ? WAIT_MS : Infinity;
  }

  close() {
    this.search?.close();
    this.search = null;
  }

  async beginSearch(hour) {
    const { transport, core, me, place } = this.session;
    if (this.search && this.hour === hour)
      return;
    await transport.compareChallenge();
    this.close();
    this.search = core.stampSearch({ kind: "r", place, record: me.t1Id,
                                     challenge: transport.asked.challenge });
    this.hour = hour;
  }

  /* See what is worth searching for. */
  async plan(hour) {
    const { transport, core } = this.session;
    const now = effortNow(this.standing.effort, this.standing.hour, hour);
    if (!this.search || this.hour !== hour)
      await transport.describe();
    const classes = await transport.readClasses();
    if (!transport.asked)
      return;
    const wanted = core.paymentRaise(classes, PAYMENT_MOST);
    if (now >= wanted)
      return;
    await this.beginSearch(hour);
    this.wanted = Math.max(wanted, 2 * now);
  }

  /* Search for a quarter of the time that has passed. Returns: what was found, or null. */
  searchOn() {
    const begunMs = performance.now();
    const untilMs = begunMs + Math.min(begunMs - this.spentMs, PASSED_MS_MAX) / (PART - 1);
    let found = null;
    while (!found && performance.now() < untilMs) {
      const { done, effort, nonce } = this.search.run(this.wanted, 0, FEW_TRIES);
      found = done ? { effort, nonce } : null;
    }
    this.spentMs = performance.now();
    return found;
  }

  async turn() {
    const { transport, me } = this.session;
    if (!transport.asked)
      return;
    try {
      const now = performance.now();
      if (now >= this.planMs) {
        this.planMs = now + PLAN_MS;
        this.spentMs = now;
        await this.plan(hourOf(Date.now() / 1000));
      }
      const found = this.wanted > 0 ? this.searchOn() : null;
      if (!found)
        return;
      this.wanted = 0;
      await transport.raise({ ...me, stamp: found.nonce });
      this.standing = { ...found, hour: this.hour };
    } catch (error) { /* a server that cannot serve it is left alone until the next plan */
      this.wanted = 0;
      if (codeOf(error) === "canceled")
        throw error;
    }
  }
}
