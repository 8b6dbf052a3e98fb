/* The peers seen in a session: the state of each, and queues of work. */
import { toHex } from "./bytes.js";
import { WorkQueue } from "./work_queue.js";

/* DESIGN: everything may arrive in any order and more than once. A peer is created by the first
 * thing seen of it. Its state goes from "unseen" (only T3s) or "wanted" (a T2 came, its T1 is to be
 * fetched) or "absent" (its T1 cannot be had) to "queued", and ends as "met" or "invalid". Memory
 * is bounded: a maximum of peers, and of bodies for each. Nothing here is secret. */

/* Where a T1 waits. "free" costs no computation; the others take turns, so that no flood of one
 * kind is in the way of another. */
const TURNS = ["named", "asked", "rest"];

class Peer {
  constructor(id) {
    this.id = id;
    this.state = "unseen";
    this.place = null;
    this.t1 = null;
    this.t2s = [];
    this.settled = 0; /* the first so many T2s have been answered */
    this.t3s = [];
    this.stamp = null;
    this.proven = false;
    this.cls = 0;
    this.queue = null;
  }
}

export class Peers {
  constructor() {
    this.byId = new Map();
    this.wanted = new WorkQueue();
    this.queues = { free: new WorkQueue() };
    for (const name of TURNS)
      this.queues[name] = new WorkQueue();
    this.turn = 0;
  }

  get count() {
    return this.byId.size;
  }

  find(id) {
    return this.byId.get(toHex(id)) ?? null;
  }

  /* The peer with this id, made if there is none; null: `limit` stand already. */
  get(id, limit) {
    const key = toHex(id);
    if (!this.byId.has(key)) {
      if (this.byId.size >= limit)
        return null;
      this.byId.set(key, new Peer(id));
    }
    return this.byId.get(key);
  }

  want(peer) {
    peer.state = "wanted";
    this.wanted.add(peer, peer.cls);
  }

  giveUp(peer) {
    this.wanted.remove(peer, peer.cls);
    peer.state = "absent";
  }

  /* Let an unseen, wanted or absent peer wait with its T1. */
  enqueue(peer, t1, queue) {
    if (peer.state === "wanted")
      this.wanted.remove(peer, peer.cls);
    peer.t1 = t1;
    peer.state = "queued";
    peer.queue = queue;
    this.queues[queue].add(peer, peer.cls);
  }

  /* How many wait, of `classMin` or higher; the free ones in any case. */
  queued(classMin = 0) {
    return TURNS.reduce((sum, name) => sum + this.queues[name].count(classMin),
                        this.queues.free.count());
  }

  move(peer, queue) {
    this.queues[peer.queue].remove(peer, peer.cls);
    peer.queue = queue;
    this.queues[queue].add(peer, peer.cls);
  }

  /* What a peer's T1 has paid. */
  rank(peer, cls) {
    if (peer.cls === cls)
      return;
    const queue = peer.state === "wanted" ? this.wanted
      : peer.state === "queued" ? this.queues[peer.queue] : null;
    queue?.remove(peer, peer.cls);
    peer.cls = cls;
    queue?.add(peer, cls);
  }

  takeFrom(queue, classMin) {
    const peer = queue.next(classMin);
    if (peer)
      queue.remove(peer, peer.cls);
    return peer;
  }

  takeFree() {
    return this.takeFrom(this.queues.free, 0);
  }

  /* Take out the next of the queues that take turns; null: none waits. */
  take(classMin) {
    for (let i = 0; i < TURNS.length; i++) {
      const peer = this.takeFrom(this.queues[TURNS[this.turn]], classMin);
      this.turn = (this.turn + 1) % TURNS.length;
      if (peer)
        return peer;
    }
    return null;
  }

  putBack(peer) {
    this.queues[peer.queue].add(peer, peer.cls);
  }

  settle(peer, state) {
    peer.t1 = null;
    peer.state = state;
  }
}

/* Keep a body unless it is there; with `max` the oldest makes room. Returns: whether it is new. */
export function keepBody(bodies, body, max) {
  const key = toHex(body);
  if (bodies.some((kept) => toHex(kept) === key))
    return false;
  if (bodies.length === max)
    bodies.shift();
  bodies.push(body);
  return true;
}
