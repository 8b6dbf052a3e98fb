/* Session driver: one person's session over a transport, until stopped. */
import { areEqual, randomBelow, randomBytes } from "./bytes.js";
import { checkOwn, checkStanding, isCrowded } from "./bucket_check.js";
import { backoffMs } from "./backoff.js";
import { Budget } from "./budget.js";
import { hourOf } from "./payment.js";
import { CROWD, Progress } from "./progress.js";
import { Paying, Raising } from "./raising.js";
import { COMMON_PLACE } from "./transport.js";
import { Trouble, codeOf } from "./trouble.js";

/* DESIGN: one loop. Each step does the next thing that is due: ask the server for its parameters,
 * open a session of the protocol, post its T1, read the T1s that are there; then post, receive and
 * work in turns. Once the T1 has its place an error never ends the session: it is reported once and
 * waited out, and what the server lost is posted again. What is sent is the same whether or not a
 * message was revealed. The steps are those of
 * client/session, but for the buckets that it reads while a person types: here all wait for a T1. */

const LOOK_AGAIN_MS = 5000;
const PLACE_FULL_ENOUGH = 16; /* T1s in a place, below which its users are told */
const FRUITLESS_MAX = 64; /* a server that answers at once with nothing new does not make us spin */
const FRUITLESS_PAUSE_MS = 250;
const JITTER_MS_MAX = 20; /* covers the time that a revealed message takes */
const WORKED_MAX = 256; /* T1s whose time counts in an estimate */
const START_FAILURES_MAX = 3;
const START_PATIENCE_MS = 30 * 1000;

export const nowS = () => Math.floor(Date.now() / 1000);

export class Session {
  /* `openParty`: gives a party that is opened, for a salt, and whose Workers know its secret.
   * `named`: the link of the one bucket to look for others in, or null. `openUntilMs`: from then on
   * (performance.now()) no new answers are begun. `event`: is called with what happens. */
  constructor({ core, actions, transport, openParty, named, openUntilMs, stop, event }) {
    Object.assign(this, { core, actions, transport, openParty, named, openUntilMs, stop, event });
    this.place = transport.placeTag;
    this.budget = new Budget();
    this.party = null;
    this.progress = null;
    this.traits = null;
    this.described = this.placed = this.surveyed = false;
    this.everDescribed = this.everPlaced = false;
    this.own = null;
    this.askedS = 0;
    this.failures = 0;
    this.firstFailureMs = 0;
    this.away = false;
    this.lookAgainMs = 0;
    this.workedMs = this.worked = 0;
    this.fruitless = 0;
    this.seenNews = 0;
    this.reported = {};
    this.counts = "";
  }

  reportOnce(kind, more = {}) {
    if (!this.reported[kind]) {
      this.reported[kind] = true;
      this.event({ kind, ...more });
    }
  }

  /* Work until stopped or refused. Throws "canceled", "refused", "unreachable", "nonsense". */
  async run() {
    try {
      for (;;) {
        this.stop.check();
        try {
          await this.step();
        } catch (error) {
          await this.recover(error);
        }
      }
    } finally {
      this.closeParty();
    }
  }

  closeParty() {
    this.raising?.close();
    this.party?.close();
    this.me?.writeKey.fill(0);
    this.party = this.progress = this.raising = null;
  }

  async step() {
    if (!this.described)
      await this.learn();
    else if (!this.party)
      await this.begin();
    else if (!this.placed)
      await this.takePlace();
    else if (!this.surveyed)
      await this.survey();
    else
      await this.takePart();
  }

  /* What holds here may have changed with a server that lost its store: another salt needs another
   * session. */
  async learn() {
    const traits = await this.transport.describe();
    if (this.party && !areEqual(traits.salt, this.traits.salt))
      this.closeParty();
    this.traits = traits;
    this.described = this.everDescribed = true;
  }

  async begin() {
    this.budget.beginSession();
    this.party = await this.openParty(this.traits.salt);
    this.me = { t1: this.party.t1, t1Id: this.party.id, writeKey: randomBytes(32), stamp: null };
    this.progress = new Progress({ ...this, party: this.party, me: this.me });
    this.paying = new Paying(this);
    this.askedS = this.seenNews = 0;
    this.own = null;
    this.reported = {};
    this.event({ kind: "opened" });
  }

  refuse(verdict) {
    return new Trouble("refused", `bucket: ${verdict}`,
                       { verdict, clockAheadS: this.traits.timeS === null
                         ? null : this.traits.timeS - nowS() });
  }

  /* The named bucket must be there when we start; if it goes later, all buckets count. */
  async lookAtNamed() {
    let bucket;
    try {
      bucket = await this.transport.find(this.named);
    } catch (error) {
      if (!["absent", "expired"].includes(codeOf(error)))
        throw error;
      if (!this.everPlaced)
        throw new Trouble("refused", "the bucket is not there", { verdict: "named-gone" });
      this.named = null;
      return;
    }
    const isIt = areEqual(bucket.place, this.named);
    const verdict = isIt ? checkStanding(bucket, nowS()) : "hash-wrong";
    if (verdict)
      throw this.refuse(verdict);
  }

  /* Announce our T1, paying what is asked for it. More may be asked while we work. */
  async announce(wanted) {
    for (;;)
      try {
        return await this.transport.announce(this.me, wanted);
      } catch (error) {
        if (codeOf(error) !== "unpaid")
          throw error;
        await this.paying.payMore();
      }
  }

  async offer() {
    await this.paying.pay();
    if (this.named)
      try {
        return await this.announce(this.named);
      } catch (error) {
        if (!["full", "absent", "expired"].includes(codeOf(error)))
          throw error;
        this.event({ kind: "named-closed" });
      }
    return await this.announce(null);
  }

  async takePlace() {
    if (this.named)
      await this.lookAtNamed();
    this.askedS ||= nowS();
    const bucket = await this.offer();
    const isNamed = this.named && areEqual(bucket.place, this.named);
    const verdict = isNamed ? checkStanding(bucket, nowS())
                            : checkOwn(bucket, this.traits.openWindowS, this.askedS, nowS());
    if (verdict)
      throw this.refuse(verdict);
    this.raising?.close();
    this.raising = new Raising(this, this.me.stamp ? this.paying.best : null);
    this.own = bucket.place;
    this.placed = this.everPlaced = true;
    this.surveyed = false;
    this.event({ kind: "placed", bucket: this.own });
    if (isCrowded(bucket))
      this.reportOnce("window-crowded");
  }

  async readBucket(place, take) {
    try {
      for (const t1 of await this.transport.readT1s(place))
        take(t1, place);
    } catch (error) {
      if (!["absent", "expired"].includes(codeOf(error))) /* it died meanwhile */
        throw error;
    }
  }

  /* Two who are alone in a place are seen to be the pair. */
  async listBuckets() {
    const buckets = await this.transport.list();
    const standing = buckets.reduce((sum, { count }) => sum + count, 0);
    if (!areEqual(this.place, COMMON_PLACE) && standing < PLACE_FULL_ENOUGH)
      this.reportOnce("place-sparse", { others: standing });
    return buckets;
  }

  /* Those of everybody; our own is in the feed. One that could not be everybody's is left alone. */
  async readAll(take) {
    for (const bucket of await this.listBuckets())
      if (!areEqual(bucket.place, this.own) && !checkStanding(bucket, nowS()))
        await this.readBucket(bucket.place, take);
  }

  async readNamed(take) {
    if (!areEqual(this.place, COMMON_PLACE))
      await this.listBuckets();
    if (!areEqual(this.named, this.own))
      await this.readBucket(this.named, take);
  }

  /* A newcomer works through the T1s that stand; later ones come to us. */
  async survey() {
    const take = (t1, place) => this.progress.takeT1(t1, place);
    this.progress.named = this.named;
    this.progress.surveying = true;
    try {
      await (this.named ? this.readNamed(take) : this.readAll(take));
    } finally {
      this.progress.surveying = false;
    }
    this.surveyed = true;
  }

  async readAllStamps() {
    const places = this.named ? [this.named, this.own]
                              : (await this.transport.list()).map(({ place }) => place);
    for (const place of places)
      try {
        (await this.transport.readStamps(place)).forEach((stamp) => this.progress.noteStamp(stamp));
      } catch (error) {
        if (!["absent", "expired"].includes(codeOf(error)))
          throw error;
      }
  }

  /* In a crowd: look through the live buckets once more, for the T1s that are wanted, and for what
   * all have paid. */
  async lookAgain() {
    const wanted = this.progress.peers.wanted.count();
    if (this.progress.closing || performance.now() < this.lookAgainMs ||
        wanted + this.progress.peers.queued() <= CROWD)
      return;
    this.lookAgainMs = performance.now() + LOOK_AGAIN_MS;
    if (wanted > CROWD) /* whole buckets are read rather than T1s one by one */
      await this.readAll((t1, place) => this.progress.takeWanted(t1, place));
    await this.readAllStamps();
  }

  async hesitate() {
    if (this.seenNews === this.progress.news)
      return;
    this.seenNews = this.progress.news;
    await this.stop.wait(randomBelow(JITTER_MS_MAX + 1));
  }

  reveal() {
    for (const { message } of this.party.reveals())
      this.event({ kind: "revealed", message, owed: this.progress.owed });
  }

  async listen() {
    const idle = this.progress.isIdle();
    const { news } = this.progress;
    let waitMs = Math.min(this.traits.waitMsMax, this.raising.waitMsMax);
    if (!idle || this.away) /* that a server is back is to be known at once */
      waitMs = 0;
    this.progress.take(await this.transport.receive(waitMs));
    this.failures = 0;
    if (this.away)
      this.event({ kind: "back" });
    this.away = false;
    if (!idle || news !== this.progress.news)
      this.fruitless = 0;
    else if (++this.fruitless > FRUITLESS_MAX)
      await this.stop.wait(FRUITLESS_PAUSE_MS);
    this.reveal();
  }

  async work() {
    if (!this.progress.hasWork())
      return;
    const before = this.progress.met;
    const begunMs = performance.now();
    await this.progress.work();
    this.worked += this.progress.met - before;
    this.workedMs += performance.now() - begunMs;
    while (this.worked > WORKED_MAX) {
      this.worked /= 2;
      this.workedMs /= 2;
    }
    this.reveal();
  }

  report() {
    const { progress } = this;
    const queued = progress.peers.queued();
    const now = { kind: "progress", others: progress.peers.count, met: progress.met, queued,
                  answered: progress.answered, owed: progress.owed, refused: progress.refused };
    if (progress.crowded || progress.waitsForBudget())
      this.reportOnce("crowded");
    if (JSON.stringify(now) === this.counts)
      return;
    this.counts = JSON.stringify(now);
    this.event({ ...now, leftMs: queued === 0 ? 0
                 : this.worked > 0 ? (this.workedMs * queued) / this.worked : null });
  }

  /* Post what is owed. Returns: the error that is to be met once others were listened to. */
  async postOwed() {
    try {
      await this.progress.postAll(this.transport);
      return null;
    } catch (error) {
      if (codeOf(error) === "canceled")
        throw error;
      return error;
    }
  }

  /* One turn of somebody who has a place. */
  async takePart() {
    this.progress.closing = performance.now() >= this.openUntilMs;
    this.progress.hour = hourOf(nowS());
    try {
      await this.hesitate();
      await this.lookAgain();
      await this.progress.fetch(this.transport);
      const failed = await this.postOwed();
      /* That our T1 is unknown does not tell whether it is lost or past its time; our place does.
       * */
      if (failed && failed.code !== "absent")
        throw failed;
      await this.listen();
      if (failed)
        throw failed;
      await this.work();
      await this.raising.turn();
    } finally {
      if (this.progress)
        this.report();
    }
  }

  /* Leave the server in peace for a while, working meanwhile if there is work. */
  async waitOut(retryAfterMs) {
    const failures = this.everDescribed ? this.failures
                                        : Math.min(this.failures, START_FAILURES_MAX);
    const untilMs = performance.now() + backoffMs(failures, retryAfterMs);
    while (this.progress?.hasWork() && performance.now() < untilMs) {
      this.stop.check();
      await this.work();
    }
    await this.stop.wait(Math.max(untilMs - performance.now(), 0));
  }

  async endure(error) {
    const nowMs = performance.now();
    if (this.failures++ === 0)
      this.firstFailureMs = nowMs;
    const patient = nowMs - this.firstFailureMs < START_PATIENCE_MS;
    if (!this.everDescribed && (error.code === "nonsense" || !patient))
      throw error.code === "later" ? new Trouble("unreachable", error.message) : error;
    if (!this.away && !["absent", "expired"].includes(error.code)) {
      this.away = true;
      this.event({ kind: "away", code: error.code, reason: error.message });
    }
    await this.waitOut(error.retryAfterMs);
  }

  losePlace() {
    this.progress?.forget();
    this.described = this.placed = this.surveyed = false;
  }

  loseSession() {
    this.closeParty();
    this.described = this.placed = this.surveyed = false;
  }

  /* What to do about a failed step; throws what ends the session. */
  async recover(error) {
    const code = codeOf(error);
    if (["unreachable", "later", "nonsense", "full"].includes(code))
      return await this.endure(error);
    if (code === "absent") {
      if (this.placed)
        this.event({ kind: "lost" });
      this.losePlace();
      return await this.endure(error);
    }
    if (code === "expired" || (["denied", "invalid"].includes(code) && this.everPlaced)) {
      if (code === "expired" && this.party)
        this.event({ kind: "renewed" });
      this.loseSession();
      return await this.endure(error);
    }
    throw ["denied", "invalid"].includes(code) ? new Trouble("refused", error.message) : error;
  }
}
