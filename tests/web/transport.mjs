/* The page's transport against a real server, whose URL is in SERVER. */
import "./node_crypto.mjs";
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { test } from "node:test";

import { randomBytes, toHex } from "../../web/page/bytes.js";
import { Exchange } from "../../web/page/exchange.js";
import { Stop } from "../../web/page/stop.js";
import { COMMON_PLACE, Transport, feedFrames, stampList } from "../../web/page/transport.js";
import { WaitLimit } from "../../web/page/wait_limit.js";

const url = process.env.SERVER;

/* What the transport asks of the core, by an independent hash. */
const core = {
  bucketHash({ created, sequence, place, kind }) {
    const common = place.every((byte) => byte === 0);
    const id = Buffer.alloc(12);
    id.writeBigUInt64BE(BigInt(created));
    id.writeUInt32BE(sequence, 8);
    const hash = createHash("blake2b512").update(`reunion-bucket-v${common ? 1 : 2}${kind}`);
    return new Uint8Array(hash.update(common ? "" : place).update(id).digest()).slice(0, 32);
  },
};

function somebody() {
  const t1 = randomBytes(288);
  const t1Id = new Uint8Array(createHash("blake2b512").update(t1).digest()).slice(0, 32);
  return { t1, t1Id, writeKey: randomBytes(32), stamp: null };
}

function transport(place = COMMON_PLACE, stop = new Stop()) {
  return new Transport(new Exchange(url, stop), core, place);
}

async function placed(me, place = COMMON_PLACE) {
  const made = transport(place);
  await made.describe();
  return { made, bucket: await made.announce(me, null) };
}

const letter = (to, body, place) => ({ place, addressee: to.t1Id, body, outcome: "later" });
const code = (wanted) => ({ code: wanted });

test("what holds at the server", async () => {
  const made = transport();
  const traits = await made.describe();
  assert.equal(toHex(traits.salt), "00".repeat(32));
  assert.equal(traits.openWindowS, 3600);
  assert.equal(traits.waitMsMax, 55000);
  assert.ok(Math.abs(traits.timeS - Date.now() / 1000) < 60);
  assert.equal(made.asked.effort, 0);
  await made.compareChallenge();
});

test("a T1 gets a place, and stands in it", async () => {
  const me = somebody();
  const { made, bucket } = await placed(me);
  assert.ok(bucket.hashFits);
  assert.deepEqual((await made.find(bucket.place)).place, bucket.place);
  assert.ok((await made.list()).some(({ place }) => toHex(place) === toHex(bucket.place)));
  const t1s = await made.readT1s(bucket.place);
  assert.ok(t1s.some((t1) => toHex(t1) === toHex(me.t1)));
  const fetched = await made.fetchT1(me.t1Id);
  assert.deepEqual([fetched.t1, fetched.place], [me.t1, bucket.place]);
  assert.deepEqual(await made.readStamps(bucket.place), []);
  assert.ok((await made.readClasses())[0] >= 1);
});

test("T2s and T3s reach the one they are for, and nobody else", async () => {
  const [alice, bob, carol] = [somebody(), somebody(), somebody()];
  const a = await placed(alice);
  const b = await placed(bob);
  const c = await placed(carol);
  await a.made.receive(0);
  const t2 = letter(bob, randomBytes(32), b.bucket.place);
  await a.made.send("t2", [t2]);
  await a.made.send("t3", [letter(bob, randomBytes(32), b.bucket.place)]);
  assert.equal(t2.outcome, "stored");
  const news = (await b.made.receive(0)).filter(({ kind }) => kind !== "t1");
  assert.deepEqual(news.map(({ kind, sender }) => [kind, toHex(sender)]).sort(),
                   [["t2", toHex(alice.t1Id)], ["t3", toHex(alice.t1Id)]]);
  assert.deepEqual(news.find(({ kind }) => kind === "t2").body, t2.body);
  assert.deepEqual((await c.made.receive(0)).filter(({ kind }) => kind !== "t1"), []);
  const other = letter(bob, randomBytes(32), b.bucket.place);
  await a.made.send("t2", [other]);
  assert.equal(other.outcome, "refused"); /* one T2 for each pair */
});

test("a wait ends with what comes", async () => {
  const [alice, bob] = [somebody(), somebody()];
  const a = await placed(alice);
  const b = await placed(bob);
  await b.made.receive(0);
  const begun = performance.now();
  const waiting = b.made.receive(30000);
  await a.made.send("t2", [letter(bob, randomBytes(32), b.bucket.place)]);
  assert.ok((await waiting).length > 0);
  assert.ok(performance.now() - begun < 30000);
});

test("a stop ends a wait", async () => {
  const stop = new Stop();
  const me = somebody();
  const { bucket } = await placed(me);
  const made = transport(COMMON_PLACE, stop);
  await made.announce(me, null);
  await made.receive(0);
  const waiting = made.receive(50000);
  stop.ask();
  await assert.rejects(waiting, code("canceled"));
  assert.ok(bucket.hashFits);
});

test("what is refused has the code that says why", async () => {
  const me = somebody();
  const { made, bucket } = await placed(me);
  await assert.rejects(made.find(randomBytes(32)), code("absent"));
  await assert.rejects(made.fetchT1(randomBytes(32)), code("absent"));
  await assert.rejects(made.announce(somebody(), randomBytes(32)), code("absent"));
  await assert.rejects(made.announce({ ...me, writeKey: randomBytes(32) }, null), code("denied"));
  await assert.rejects(made.announce({ ...me, t1: me.t1.slice(1) }, null), code("invalid"));
  made.cursor = "not-one";
  await assert.rejects(made.receive(0), code("later")); /* and the next is from the beginning */
  assert.ok((await made.receive(0)).length > 0);
  const stranger = transport();
  await stranger.describe();
  stranger.me = somebody();
  await assert.rejects(stranger.send("t2", [letter(me, randomBytes(32), bucket.place)]),
                       code("absent"));
});

test("a place has buckets of its own", async () => {
  const tag = randomBytes(32);
  const { made, bucket } = await placed(somebody(), tag);
  assert.ok(bucket.hashFits);
  assert.deepEqual((await made.list()).map(({ place }) => toHex(place)), [toHex(bucket.place)]);
  const common = transport();
  assert.equal((await common.find(bucket.place)).hashFits, false);
});

test("nobody there, and somebody else there", async () => {
  const gone = new Transport(new Exchange("http://127.0.0.1:1", new Stop()), core, COMMON_PLACE);
  await assert.rejects(gone.describe(), code("unreachable"));
  const page = async () => new Response("<html>Hotel</html>", { status: 200 });
  const hotel = new Transport(new Exchange(url, new Stop(), page), core, COMMON_PLACE);
  await assert.rejects(hotel.describe(), code("nonsense"));
  const busy = async () => new Response("", { status: 503, headers: { "Retry-After": "7" } });
  await assert.rejects(new Transport(new Exchange(url, new Stop(), busy), core,
                                     COMMON_PLACE).describe(),
                       { code: "later", retryAfterMs: 7000 });
});

test("answers that are cut or too long make no sense", () => {
  assert.throws(() => feedFrames(new Uint8Array([1, 2, 3])), code("nonsense"));
  assert.throws(() => feedFrames(new Uint8Array(97).fill(4)), code("nonsense"));
  assert.equal(feedFrames(new Uint8Array(97).fill(2)).length, 1);
  assert.throws(() => stampList(new Uint8Array(0)), code("nonsense"));
  assert.throws(() => stampList(new Uint8Array(62)), code("nonsense"));
  const line = new Uint8Array(61).fill(1);
  line[0] = 0;
  assert.throws(() => stampList(line), code("nonsense")); /* its hour has no challenge */
});

test("a proxy that cuts waits short makes them shorter, and is no outage", () => {
  const limit = new WaitLimit(55000);
  assert.equal(limit.next(55000, 0), 55000);
  assert.equal(limit.failed("maybe", 55000, 30000, 30000), true);
  assert.equal(limit.next(55000, 30000), 27000);
  limit.answered();
  assert.equal(limit.next(55000, 30000 + 30 * 60 * 1000), 55000);
  assert.equal(limit.failed("maybe", 55000, 100, 0), false);
  assert.equal(limit.next(55000, 0), 0);
});
