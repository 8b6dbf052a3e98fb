/* One session's progress: T1s, T2s and T3s that come in, work that is to be done, answers to post.
 * */
import { areEqual } from "./bytes.js";
import { Peers, keepBody } from "./peers.js";
import { stampClass } from "./payment.js";
import { codeOf } from "./trouble.js";

/* DESIGN: every T1 gets a T2 and every T2 a T3, whoever sent it, and nothing that is sent depends
 * on whether a message was revealed. A budget bounds the group actions; a T1 of a class so high
 * that it cost its sender more than us costs none of it. Memory is bounded by the number of others
 * that are remembered. */
export const OTHERS_MAX = 65536;
export const CROWD = 32; /* more than so many waiting are one */
const CLASS_FREE = 12; /* from here on T1s cost no budget */
const FETCHES_MAX = 32; /* T1s fetched in one turn, so that the feed is served */
const BODIES_OF_OTHER = 4;
const T2S_MAX = 256;
const T3S_MAX = 64;

export class Progress {
  /* `party`: the protocol's session, opened; `actions`: where group actions are computed; `core`:
   * the WebAssembly instance; `place`: the tag that stamps are bound to. */
  constructor({ party, core, actions, budget, place, me }) {
    Object.assign(this, { party, core, actions, budget, place, me });
    this.named = null; /* the bucket whose T1s have a queue of their own */
    this.hour = 0;
    this.news = 0;
    this.crowded = false;
    this.surveying = false; /* T1s that come now stood before: they leave room for later ones */
    this.closing = false; /* no new answer is begun; what was begun is finished */
    this.remembered = 0; /* T1s worked through in this session */
    this.refused = 0;
    this.forget();
  }

  /* Forget whom we saw and what we owe, but not the session. */
  forget() {
    this.peers = new Peers();
    this.outbox = { t2: [], t3: [] };
    this.met = this.answered = this.bodies = 0;
  }

  get owed() {
    return this.outbox.t2.length + this.outbox.t3.length;
  }

  /* The peer with this id; null: it is ourselves, or one too many. */
  getPeer(id) {
    if (areEqual(id, this.me.t1Id))
      return null;
    const peer = this.peers.get(id, 2 * OTHERS_MAX);
    this.crowded ||= peer === null;
    return peer;
  }

  post(kind, peer, body) {
    this.outbox[kind].push({ place: peer.place, addressee: peer.id, body, outcome: "later" });
  }

  /* Give the T3s owed to a peer whose T1 is settled. */
  answerT2s(peer) {
    for (; peer.place && peer.settled < peer.t2s.length; peer.settled++)
      this.post("t3", peer, this.party.receiveT2(peer.id, peer.t2s[peer.settled]));
  }

  keep(bodies, body, max) {
    const before = bodies.length;
    if (this.bodies >= BODIES_OF_OTHER * OTHERS_MAX) {
      this.crowded = true;
      return false;
    }
    const isNew = keepBody(bodies, body, max);
    this.bodies += bodies.length - before;
    return isNew;
  }

  hasRoom() {
    const kept = this.surveying ? OTHERS_MAX / 4 : 0;
    return this.remembered + this.peers.queued() < OTHERS_MAX - kept;
  }

  queueFor(peer, t1) {
    if (!this.party.needsWork(t1))
      return "free";
    if (this.named && areEqual(this.named, peer.place))
      return "named";
    return peer.t2s.length > 0 ? "asked" : "rest";
  }

  takeT1(t1, place) {
    const id = this.core.t1Id(t1);
    const room = this.hasRoom();
    if (!room && !this.peers.find(id)) {
      this.crowded ||= !areEqual(id, this.me.t1Id);
      return;
    }
    const peer = this.getPeer(id);
    if (!peer)
      return;
    peer.place = place;
    if (["queued", "met", "invalid"].includes(peer.state))
      return;
    if (!room) {
      this.crowded = true;
      return;
    }
    this.news++;
    this.peers.enqueue(peer, t1, this.queueFor(peer, t1));
  }

  /* The same, only of those who sent a T2 without having been seen. */
  takeWanted(t1, place) {
    if (this.peers.find(this.core.t1Id(t1))?.state === "wanted")
      this.takeT1(t1, place);
  }

  takeT2(sender, body) {
    const peer = this.getPeer(sender);
    if (!peer)
      return;
    const before = peer.t2s.length;
    if (!this.keep(peer.t2s, body, T2S_MAX))
      return;
    if (before === peer.t2s.length && peer.settled > 0) /* the oldest made room */
      peer.settled--;
    this.news++;
    if (peer.state === "unseen")
      this.peers.want(peer);
    else if (peer.state === "queued" && peer.queue === "rest")
      this.peers.move(peer, "asked");
    else if (peer.state === "met" || peer.state === "invalid")
      this.answerT2s(peer);
  }

  takeT3(sender, body) {
    const peer = this.getPeer(sender);
    if (!peer || peer.state === "invalid" || !this.keep(peer.t3s, body, T3S_MAX))
      return;
    this.news++;
    this.answered += peer.t3s.length === 1;
    if (peer.state === "met")
      this.party.receiveT3(peer.id, body);
  }

  /* What a feed had. */
  take(news) {
    for (const item of news)
      if (item.kind === "t1")
        this.takeT1(item.t1, item.place);
      else if (item.kind === "t2")
        this.takeT2(item.sender, item.body);
      else
        this.takeT3(item.sender, item.body);
  }

  classOf(stamp) {
    return stampClass(stamp.effort, stamp.hour, this.hour);
  }

  /* Note the stamp of a T1 that was seen, unchecked; it is checked when the T1's turn comes. */
  noteStamp(stamp) {
    const peer = this.peers.find(stamp.id);
    if (!peer)
      return;
    const same = peer.stamp && areEqual(peer.stamp.nonce, stamp.nonce) &&
      peer.stamp.hour === stamp.hour;
    if (!same || !peer.proven) {
      peer.stamp = stamp;
      peer.proven = false;
    }
    this.peers.rank(peer, this.classOf(peer.stamp));
  }

  /* Compute what the stamp of a peer is worth, and let it count for that. */
  prove(peer) {
    const subject = { kind: "r", place: this.place, record: peer.id,
                      challenge: peer.stamp.challenge };
    peer.stamp = { ...peer.stamp, effort: this.core.stampCheck(subject, peer.stamp.nonce) };
    peer.proven = true;
    this.peers.rank(peer, this.classOf(peer.stamp));
  }

  /* Somebody has come into a crowd: what they paid is not left to the next look at all buckets. */
  async learnPayment(transport, peer) {
    if (peer.state !== "queued" || this.peers.queued() <= CROWD)
      return;
    try {
      for (const stamp of await transport.readStamps(peer.place))
        this.noteStamp(stamp);
    } catch (error) {
      if (!["absent", "expired"].includes(codeOf(error)))
        throw error;
    }
  }

  /* Fetch some of the T1s of parties of whom only a T2 was seen. */
  async fetch(transport) {
    for (let i = 0; i < FETCHES_MAX && !this.closing; i++) {
      const peer = this.peers.wanted.next();
      if (!peer)
        return;
      try {
        const { t1, place } = await transport.fetchT1(peer.id);
        if (areEqual(this.core.t1Id(t1), peer.id))
          this.takeT1(t1, place);
      } catch (error) {
        if (codeOf(error) !== "absent")
          throw error;
      }
      if (peer.state === "wanted")
        this.peers.giveUp(peer);
      await this.learnPayment(transport, peer);
    }
  }

  /* Post all answers; what is not settled stays for the next call. */
  async postAll(transport) {
    for (const kind of ["t2", "t3"]) {
      const letters = this.outbox[kind];
      if (letters.length === 0)
        continue;
      try {
        await transport.send(kind, letters);
      } finally {
        this.refused += letters.filter(({ outcome }) => outcome === "refused").length;
        this.outbox[kind] = letters.filter(({ outcome }) => outcome === "later");
      }
    }
  }

  hasWork() {
    return !this.closing && this.peers.queued(this.budget.left() > 0 ? 0 : CLASS_FREE) > 0;
  }

  waitsForBudget() {
    return !this.closing && this.peers.queued() > 0 && !this.hasWork();
  }

  isIdle() {
    return !this.hasWork() && (this.closing || this.peers.wanted.count() === 0) && this.owed === 0;
  }

  /* Take out the next that needs a computation, of `classMin` or higher. One that is there by a
   * stamp that is worth less than was told goes where it belongs. */
  takeProven(classMin) {
    for (;;) {
      const peer = this.peers.take(classMin);
      if (!peer || peer.cls === 0 || peer.proven)
        return peer;
      this.peers.putBack(peer);
      this.prove(peer);
    }
  }

  /* The T1s of one turn: at most `chunk` that need a computation, and others that need none. */
  takeOut(chunk) {
    const taken = [];
    const left = this.budget.left();
    for (let needing = 0; taken.length < 256;) {
      let peer = needing < chunk ? this.takeProven(left > needing ? 0 : CLASS_FREE) : null;
      if (peer)
        needing += this.party.needsWork(peer.t1) ? 1 : 0;
      else
        peer = this.peers.takeFree();
      if (!peer)
        break;
      taken.push(peer);
    }
    return taken;
  }

  settle(peer) {
    const result = this.party.receiveT1(peer.t1);
    const valid = result.status === "ok";
    this.peers.settle(peer, valid ? "met" : "invalid");
    if (valid) {
      this.met++;
      this.remembered++;
      this.post("t2", peer, result.t2);
    }
    this.answerT2s(peer);
    for (const t3 of valid ? peer.t3s : [])
      this.party.receiveT3(peer.id, t3);
  }

  /* Work through T1s, one for each Worker, and answer their T2s. */
  async work() {
    const taken = this.takeOut(this.actions.count);
    const done = new Set();
    try {
      await Promise.all(taken.map(async (peer) => {
        const needed = this.party.needsWork(peer.t1);
        if (needed)
          await this.actions.share(this.party, peer.t1);
        if (needed && peer.cls < CLASS_FREE)
          this.budget.spend(1);
        this.settle(peer);
        done.add(peer);
      }));
    } finally {
      for (const peer of taken)
        if (!done.has(peer) && peer.state === "queued")
          this.peers.putBack(peer);
    }
  }
}
