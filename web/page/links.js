/* Private links: create one, and open one. */
import { areEqual, fromHex, randomBytes, toHex } from "./bytes.js";
import { checkCurrentLinks, checkLinks, checkNoLinks, checkOwnLinks } from "./bucket_check.js";
import { nonsense, takeLinkBucket, takeServer, takeWanted } from "./answers.js";
import { backoffMs } from "./backoff.js";
import { Exchange } from "./exchange.js";
import { PAYMENT_MOST, PRICE_MAX } from "./payment.js";
import { nowS } from "./session.js";
import { COMMON_PLACE } from "./transport.js";
import { Trouble, codeOf } from "./trouble.js";

const JSON_BYTES_MAX = 128 * 1024;
const SLOTS = 64;
const BLOB_BYTES = 256;
const PATIENCE_MS = 30 * 1000;

/* The requests of private links, which are few. One that nobody answers is asked again for a
 * while. */
class LinkServer {
  constructor(server, worker) {
    this.exchange = new Exchange(server, worker.stop);
    this.stop = worker.stop;
    this.core = worker.core;
    this.untilMs = performance.now() + PATIENCE_MS;
  }

  async ask(request) {
    for (let failures = 1;; failures++)
      try {
        return await this.exchange.ask({ bytesMax: JSON_BYTES_MAX, ...request });
      } catch (error) {
        const again = ["unreachable", "later"].includes(codeOf(error)) &&
          error.problem !== "stamp" && performance.now() < this.untilMs;
        if (!again)
          throw error;
        await this.stop.wait(backoffMs(failures, error.retryAfterMs));
      }
  }

  claimed(bucket) {
    const { created, sequence, link } = bucket;
    const fitting = this.core.bucketHash({ created, sequence, place: COMMON_PLACE, kind: "l" });
    return { ...bucket, hashFits: areEqual(fitting, link) };
  }

  async challenge() {
    const { stamp } = takeServer((await this.ask({ path: "/v1/server" })).body);
    if (!stamp)
      throw nonsense();
    return stamp;
  }

  async post(blob, nonce) {
    const headers = { "Content-Type": "application/octet-stream" };
    if (nonce)
      headers["Reunion-Stamp"] = toHex(nonce);
    const answer = await this.ask({ path: "/v1/links", method: "POST", body: blob, headers });
    return this.claimed(takeLinkBucket(answer.body));
  }

  /* Where private links go now; null: nowhere yet. */
  async current() {
    try {
      return this.claimed(takeLinkBucket((await this.ask({ path: "/v1/links" })).body));
    } catch (error) {
      if (codeOf(error) === "absent")
        return null;
      throw error;
    }
  }

  /* All 64 blobs of a bucket, whose id is checked. */
  async read(link) {
    const { headers, body } = await this.ask({ path: `/v1/links/${toHex(link)}` });
    const id = fromHex(headers.get("Reunion-Bucket-Id"), 12);
    if (!id)
      throw refused("bucket-id");
    const view = new DataView(id.buffer);
    const bucket = this.claimed({ link, created: Number(view.getBigUint64(0)),
                                  sequence: view.getUint32(8) });
    refuseIf(checkLinks(bucket, nowS()));
    if (body.length !== SLOTS * BLOB_BYTES)
      throw refused("bucket-size");
    const blobs = Array.from({ length: SLOTS }, (_, i) =>
      toHex(body.slice(i * BLOB_BYTES, (i + 1) * BLOB_BYTES)));
    if (new Set(blobs).size !== SLOTS)
      throw refused("entry-repeated");
    return { body, blobs };
  }
}

function refused(verdict) {
  return new Trouble("refused", `bucket: ${verdict}`, { verdict });
}

function refuseIf(verdict) {
  if (verdict)
    throw refused(verdict);
}

/* Work for a link that the server takes for work alone. */
async function payFor(at, worker, blob, wanted, before) {
  if (wanted.effort > PRICE_MAX)
    throw new Trouble("refused", "it asks for more work than is allowed here",
                      { effort: wanted.effort });
  const same = before && areEqual(before.challenge, wanted.challenge);
  if (same && before.effort >= wanted.effort)
    throw nonsense("it asks again for work that was done");
  if (!same && !areEqual((await at.challenge()).challenge, wanted.challenge))
    throw nonsense("it shows us a challenge that others do not get");
  const subject = { kind: "l", place: COMMON_PLACE, record: at.core.t1Id(blob),
                    challenge: wanted.challenge };
  const tries = at.core.paymentFirst(new Array(33).fill(0), wanted.effort, PAYMENT_MOST);
  const report = (leftMs) => worker.send({ kind: "paying", effort: wanted.effort, leftMs });
  const found = await worker.actions.searchStamp(subject, wanted.effort, tries, report);
  return { ...found, challenge: wanted.challenge };
}

async function postPaying(at, worker, blob) {
  for (let paid = null;;)
    try {
      return await at.post(blob, paid?.nonce);
    } catch (error) {
      if (error.problem !== "stamp")
        throw error;
      paid = await payFor(at, worker, blob, takeWanted(error.answer.body), paid);
    }
}

/* Post a link, check what is said of it, and read it back. Returns: {invitation, expires}. */
export async function createLink(worker, { server, link, passphrase, separate }) {
  const at = new LinkServer(server, worker);
  const salt = randomBytes(16);
  const bytes = new TextEncoder().encode(passphrase);
  const key = at.core.linkKey(bytes, salt);
  const blob = at.core.linkSeal(key, link);
  bytes.fill(0);
  key.fill(0);
  const askedS = nowS();
  const bucket = await postPaying(at, worker, blob);
  refuseIf(checkOwnLinks(bucket, askedS, nowS()));
  const current = await at.current();
  refuseIf(current ? checkCurrentLinks(bucket, current) : checkNoLinks(bucket, nowS()));
  const { blobs } = await at.read(bucket.link);
  if (blobs.filter((each) => each === toHex(blob)).length !== 1)
    throw refused("link-missing");
  const invitation = at.core.printInvitation({ server, bucket: bucket.link, salt,
                                               passphrase: separate ? "" : passphrase });
  return { invitation, expires: bucket.expires };
}

/* Open an invitation. Returns: {link}, its bytes. */
export async function openLink(worker, { server, invitation, passphrase }) {
  const { core } = worker;
  const parts = core.parseInvitation(invitation);
  const at = new LinkServer(server ?? parts.server, worker);
  const { body } = await at.read(parts.bucket);
  const bytes = new TextEncoder().encode(parts.passphrase || passphrase);
  const key = core.linkKey(bytes, parts.salt);
  bytes.fill(0);
  try {
    return { link: core.linkOpen(key, body) };
  } finally {
    key.fill(0);
  }
}
