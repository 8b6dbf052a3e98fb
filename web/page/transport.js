/* The transport of a session: version 1 of the HTTP API. */
import { ID_BYTES, areEqual, concat, fromBe, fromHex, toHex, utf8 } from "./bytes.js";
import {
  ADDRESSED_BYTES, BUCKET_CAPACITY, T1_BYTES, nonsense, takeBucket, takeBuckets, takeClasses,
  takePostedT1, takeReceipt, takeServer, takeWanted,
} from "./answers.js";
import { Trouble } from "./trouble.js";
import { WaitLimit } from "./wait_limit.js";

const JSON_BYTES_MAX = 128 * 1024;
const FEED_BYTES_MAX =
  BUCKET_CAPACITY * (1 + T1_BYTES) + BUCKET_CAPACITY ** 2 * (2 + BUCKET_CAPACITY) * 97;
const WAIT_S_MAX = 55; /* proxies tend to give up on a silent request after a minute */
const POST_RECORDS_MAX = 512;
const PAGES_MAX = 16;
const BUCKETS_MAX = 1024;
const CURSOR = /^[0-9A-Za-z_.-]{1,128}$/;
const STAMP_LINE_BYTES = 32 + 8 + 16 + 4;
const STAMP_HOUR_BYTES = 8 + 32;

export const COMMON_PLACE = new Uint8Array(ID_BYTES);

/* The frames of a feed, all of them or none. Returns: [{kind, bytes}]. */
export function feedFrames(bytes) {
  const frames = [];
  for (let at = 0; at < bytes.length;) {
    const kind = bytes[at++];
    const length = kind === 1 ? T1_BYTES : ADDRESSED_BYTES;
    if (kind < 1 || kind > 3 || at + length > bytes.length)
      throw nonsense();
    frames.push({ kind, bytes: bytes.slice(at, at + length) });
    at += length;
  }
  return frames;
}

/* The stamps of a bucket's T1s, those that have one. Returns: [{id, hour, nonce, effort,
 * challenge}]. */
export function stampList(bytes) {
  const count = bytes.length > 0 ? bytes[0] : 0;
  const lines = 1 + count * STAMP_HOUR_BYTES;
  const left = bytes.length - lines;
  if (bytes.length === 0 || count > BUCKET_CAPACITY || left < 0 || left % STAMP_LINE_BYTES !== 0 ||
      left > BUCKET_CAPACITY * STAMP_LINE_BYTES)
    throw nonsense();
  const challenges = new Map();
  for (let at = 1; at < lines; at += STAMP_HOUR_BYTES)
    challenges.set(fromBe(bytes.slice(at, at + 8)), bytes.slice(at + 8, at + STAMP_HOUR_BYTES));
  const stamps = [];
  for (let at = lines; at < bytes.length; at += STAMP_LINE_BYTES) {
    const hour = fromBe(bytes.slice(at + 32, at + 40));
    const effort = fromBe(bytes.slice(at + 56, at + 60));
    if (effort === 0)
      continue;
    if (!challenges.has(hour))
      throw nonsense();
    stamps.push({ id: bytes.slice(at, at + 32), hour, nonce: bytes.slice(at + 40, at + 56), effort,
                  challenge: challenges.get(hour) });
  }
  return stamps;
}

/* A transport carries bytes and knows no session. Where a T1 stands is `place`, the link of its
 * bucket. Every method may throw "unreachable", "later", "nonsense", "invalid" and "canceled";
 * those that name a place "absent" and "expired". */
export class Transport {
  /* `placeTag`: of where to meet, or COMMON_PLACE. `core`: the WebAssembly
   * instance. */
  constructor(exchange, core, placeTag) {
    this.exchange = exchange;
    this.core = core;
    this.placeTag = placeTag;
    this.me = null;
    this.own = null;
    this.cursor = "";
    this.postRecordsMax = 1;
    this.asked = null; /* {effort, challenge}; null: the server knows of no stamps */
    this.challengeReplaced = false;
    this.wait = new WaitLimit(WAIT_S_MAX * 1000);
  }

  wanting(resource, name, link) {
    const query = [];
    if (link)
      query.push(`${name}=${toHex(link)}`);
    if (!areEqual(this.placeTag, COMMON_PLACE))
      query.push(`place=${toHex(this.placeTag)}`);
    return resource + (query.length > 0 ? `?${query.join("&")}` : "");
  }

  get(path, bytesMax = JSON_BYTES_MAX) {
    return this.exchange.ask({ path, bytesMax });
  }

  described(bucket) {
    const fitting = this.core.bucketHash({ created: bucket.created, sequence: bucket.sequence,
                                           place: this.placeTag, kind: "r" });
    return { place: bucket.link, created: bucket.created, sequence: bucket.sequence,
             count: bucket.count, hashFits: areEqual(fitting, bucket.link) };
  }

  note(effort, challenge) {
    this.asked = { effort, challenge };
  }

  /* What holds at the server. "nonsense": it is none of ours. */
  async describe() {
    let answer;
    try {
      answer = await this.get("/v1/server");
    } catch (error) {
      if (error instanceof Trouble && !["unreachable", "later", "canceled"].includes(error.code))
        throw nonsense(error.message);
      throw error;
    }
    const server = takeServer(answer.body);
    this.postRecordsMax = Math.min(server.recordsPerPostMax, POST_RECORDS_MAX);
    this.asked = null;
    if (server.stamp) /* of other places nothing is told there; they say so when a T1 comes */
      this.note(areEqual(this.placeTag, COMMON_PLACE) ? server.stamp.t1Effort : 0,
                server.stamp.challenge);
    const date = Date.parse(answer.headers.get("Date"));
    return { salt: server.salt, openWindowS: server.openWindowS,
             waitMsMax: Math.min(server.waitSMax, WAIT_S_MAX) * 1000,
             timeS: Number.isNaN(date) ? null : Math.floor(date / 1000) };
  }

  async askChallenge() {
    const { stamp } = takeServer((await this.get("/v1/server")).body);
    return stamp ? { effort: stamp.t1Effort, challenge: stamp.challenge } : null;
  }

  /* What a T1 lacked, from the answer that refused it. Throws "unpaid", or "nonsense". */
  async learnAsked(error) {
    if (error.problem === "stamp") {
      const wanted = takeWanted(error.answer.body);
      this.note(wanted.effort, wanted.challenge);
      throw new Trouble("unpaid");
    }
    const shown = await this.askChallenge();
    if (!shown || (this.asked && areEqual(shown.challenge, this.asked.challenge)))
      throw nonsense();
    this.note(Math.max(shown.effort, 1), shown.challenge);
    throw new Trouble("unpaid");
  }

  /* Ask once more for the challenge. Throws "refused": others get another one. */
  async compareChallenge() {
    const wasReplaced = this.challengeReplaced;
    const apart = await this.askChallenge();
    this.challengeReplaced = false;
    if (apart && areEqual(apart.challenge, this.asked.challenge))
      return;
    const again = await this.askChallenge(); /* another hour may have begun: then both agree */
    if (wasReplaced || !apart || !again || !areEqual(apart.challenge, again.challenge))
      throw new Trouble("refused", "it shows us a challenge that others do not get");
    this.challengeReplaced = true;
    this.note(this.asked.effort, again.challenge);
  }

  async postT1(path, me) {
    const headers = { "Content-Type": "application/octet-stream",
                      Authorization: `Bearer ${toHex(me.writeKey)}` };
    if (me.stamp)
      headers["Reunion-Stamp"] = toHex(me.stamp);
    const answer = await this.exchange.ask({ path, method: "POST", body: me.t1, headers,
                                             bytesMax: JSON_BYTES_MAX });
    const posted = takePostedT1(answer.body);
    if (!areEqual(posted.t1Id, me.t1Id))
      throw nonsense();
    return posted;
  }

  /* Post our T1, to the bucket `wanted` or (null) wherever there is room. "full": `wanted` takes no
   * more; "denied": somebody else posted this T1; "unpaid": `asked` says what is wanted. Returns:
   * the bucket. */
  async announce(me, wanted) {
    let posted;
    try {
      posted = await this.postT1(this.wanting("/v1/t1", "bucket", wanted), me);
    } catch (error) {
      if (error.problem === "stamp" || (me.stamp && error.problem === "wrong-stamp"))
        await this.learnAsked(error);
      if (!wanted && ["absent", "expired"].includes(error.code))
        throw nonsense();
      throw error;
    }
    const bucket = this.described(posted);
    this.me = me;
    this.own = bucket.place;
    this.cursor = "";
    return bucket;
  }

  /* Post our T1, which stands, with a better stamp. */
  async raise(me) {
    try {
      await this.postT1(this.wanting("/v1/t1", "bucket", null), me);
    } catch (error) {
      throw error.problem === "stamp" ? new Trouble("unpaid") : error;
    }
  }

  async find(place) {
    return this.described(takeBucket((await this.get(`/v1/buckets/${toHex(place)}`)).body));
  }

  /* The live buckets, newest first. */
  async list() {
    const listed = [];
    let last = null;
    for (let pages = 0; pages < PAGES_MAX && listed.length < BUCKETS_MAX; pages++) {
      const page = takeBuckets((await this.get(this.wanting("/v1/buckets", "after", last))).body);
      for (const bucket of page.buckets.slice(0, BUCKETS_MAX - listed.length))
        listed.push(this.described(bucket));
      if (!page.more || page.buckets.length === 0)
        break;
      last = listed.at(-1).place;
    }
    return listed;
  }

  async readClasses() {
    try {
      return takeClasses((await this.get(this.wanting("/v1/buckets", "after", null))).body);
    } catch (error) {
      if (error.code === "absent")
        return takeClasses(utf8("{}"));
      throw error;
    }
  }

  /* The T1s that stand in a bucket. */
  async readT1s(place) {
    const { body } = await this.get(`/v1/buckets/${toHex(place)}/t1`, BUCKET_CAPACITY * T1_BYTES);
    if (body.length % T1_BYTES !== 0)
      throw nonsense();
    return Array.from({ length: body.length / T1_BYTES },
                      (_, i) => body.slice(i * T1_BYTES, (i + 1) * T1_BYTES));
  }

  async readStamps(place) {
    return stampList((await this.get(`/v1/buckets/${toHex(place)}/stamps`)).body);
  }

  /* The T1 with this id, and where it stands. */
  async fetchT1(id) {
    let answer;
    try {
      answer = await this.get(`/v1/t1/${toHex(id)}`);
    } catch (error) {
      throw error.code === "expired" ? new Trouble("absent") : error;
    }
    const place = fromHex(answer.headers.get("Reunion-Bucket"), ID_BYTES);
    if (answer.body.length !== T1_BYTES || !place)
      throw nonsense();
    return { t1: answer.body, place };
  }

  async postLetters(kind, letters) {
    const body = concat(...letters.flatMap(
      (letter) => [this.me.t1Id, letter.addressee, letter.body]));
    const headers = { "Content-Type": "application/octet-stream",
                      Authorization: `Bearer ${toHex(this.me.writeKey)}` };
    try {
      const path = `/v1/buckets/${toHex(letters[0].place)}/${kind}`;
      const answer = await this.exchange.ask({ path, method: "POST", body, headers,
                                               bytesMax: JSON_BYTES_MAX });
      takeReceipt(answer.body, letters.length).forEach((refused, i) => {
        letters[i].outcome = refused ? "refused" : "stored";
      });
    } catch (error) {
      this.settleRefused(error, letters);
    }
  }

  /* What a failed post means for the letters in it. */
  settleRefused(error, letters) {
    if (error.code === "absent" && error.problem === "unknown-sender")
      throw error;
    if (error.answer && error.problem === null) {
      if (error.answer.status === 413 && this.postRecordsMax > 1) /* what a proxy lets through */
        this.postRecordsMax = Math.floor(this.postRecordsMax / 2);
      if (error.code === "absent") /* somebody else's word is not the end of a letter */
        throw new Trouble("later", error.message);
    }
    if (!["absent", "expired", "full", "invalid"].includes(error.code))
      throw error;
    for (const letter of letters) /* for these letters that will not change */
      letter.outcome = "refused";
  }

  /* Post T2s or T3s, `kind` being "t2" or "t3": {place, addressee, body, outcome}. Sets what became
   * of each: "stored", "refused", or "later" as before. "absent", "expired": our own T1 stands no
   * more. */
  async send(kind, letters) {
    const sorted = [...letters].sort((a, b) => (toHex(a.place) < toHex(b.place) ? -1 : 1));
    for (let done = 0; done < sorted.length;) {
      let run = 1;
      while (done + run < sorted.length && run < this.postRecordsMax &&
             areEqual(sorted[done].place, sorted[done + run].place))
        run++;
      await this.postLetters(kind, sorted.slice(done, done + run));
      done += run;
    }
  }

  concerns(record) {
    const addressee = record.slice(ID_BYTES, 2 * ID_BYTES);
    return !areEqual(record.slice(0, ID_BYTES), this.me.t1Id) &&
      (addressee.every((byte) => byte === 0) || areEqual(addressee, this.me.t1Id));
  }

  takeFeed(answer) {
    const next = answer.headers.get("Reunion-Cursor");
    const frames = feedFrames(answer.body);
    if (next === null || !CURSOR.test(next))
      throw nonsense();
    this.cursor = next;
    return frames
      .filter(({ kind, bytes }) => kind === 1 || this.concerns(bytes))
      .map(({ kind, bytes }) =>
        kind === 1 ? { kind: "t1", t1: bytes, place: this.own }
                   : { kind: `t${kind}`, sender: bytes.slice(0, ID_BYTES),
                       body: bytes.slice(2 * ID_BYTES) });
  }

  /* What is new since the last call; with nothing new it waits up to `waitMs`. Returns: [{kind:
   * "t1", t1, place} or {kind: "t2" or "t3", sender, body}]. */
  async receive(waitMs) {
    const askedMs = this.wait.next(waitMs, performance.now());
    const after = this.cursor ? `after=${this.cursor}&` : "";
    const wait = Math.floor(askedMs / 1000);
    const path = `/v1/buckets/${toHex(this.own)}/feed?${after}wait=${wait}`;
    try {
      const answer = await this.exchange.ask({ path, waitMs: askedMs, bytesMax: FEED_BYTES_MAX });
      const news = this.takeFeed(answer);
      this.wait.answered();
      return news;
    } catch (error) {
      if (error.answer?.status === 400 && this.cursor) { /* one the server knows no more */
        this.cursor = "";
        throw new Trouble("later");
      }
      if (error.code === "canceled")
        throw error;
      if (this.wait.failed(this.exchange.cut, askedMs, this.exchange.waitedMs, performance.now()))
        return [];
      throw error;
    }
  }
}
