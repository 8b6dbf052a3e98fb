/* What a server answers, checked: an answer that lacks something or says too much makes no sense.
 * */
import { fromHex } from "./bytes.js";
import { Trouble } from "./trouble.js";

export const T1_BYTES = 288;
export const ADDRESSED_BYTES = 96;
export const BUCKET_CAPACITY = 64;
export const STAMP_CLASSES = 33;

const UINT32_MAX = 2 ** 32 - 1;
const PAGE_MAX = 256;

export function nonsense(why = "the answer makes no sense") {
  return new Trouble("nonsense", why);
}

function number(object, key, most = Number.MAX_SAFE_INTEGER) {
  const value = object?.[key];
  if (!Number.isSafeInteger(value) || value < 0 || value > most)
    throw nonsense();
  return value;
}

function truth(object, key) {
  if (typeof object?.[key] !== "boolean")
    throw nonsense();
  return object[key];
}

function hex(object, key) {
  const bytes = fromHex(object?.[key], 32);
  if (!bytes)
    throw nonsense();
  return bytes;
}

export function parse(bytes) {
  try {
    return JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
  } catch {
    throw nonsense();
  }
}

/* The type of a problem without its prefix, or null where the answer is none. */
export function problemOf(bytes) {
  try {
    const type = parse(bytes)?.type;
    const prefix = "urn:reunion:problem:";
    return typeof type === "string" && type.startsWith(prefix) ? type.slice(prefix.length) : null;
  } catch {
    return null;
  }
}

function takeStamp(stamp) {
  if (stamp === undefined)
    return null;
  return {
    challenge: hex(stamp, "challenge"),
    t1Effort: number(stamp, "t1_effort", UINT32_MAX),
    linkEffort: number(stamp, "link_effort", UINT32_MAX),
  };
}

/* GET /v1/server. */
export function takeServer(bytes) {
  const json = parse(bytes);
  const sizes = json?.record_bytes;
  if (number(sizes, "t1") !== T1_BYTES || number(sizes, "t2") !== ADDRESSED_BYTES ||
      number(sizes, "t3") !== ADDRESSED_BYTES)
    throw nonsense("the server is of another version than this page");
  const server = {
    salt: hex(json, "salt"),
    openWindowS: number(json, "open_window_s"),
    lifetimeS: number(json, "lifetime_s"),
    waitSMax: number(json.limits, "wait_s_max", UINT32_MAX),
    recordsPerPostMax: number(json.limits, "records_per_post_max", UINT32_MAX),
    stamp: takeStamp(json.stamp),
  };
  if (server.waitSMax === 0 || server.recordsPerPostMax === 0)
    throw nonsense();
  return server;
}

function bucketOf(json) {
  const created = number(json, "created");
  const sequence = number(json, "seq", UINT32_MAX);
  if (json.id !== `${created}-${sequence}`)
    throw nonsense();
  if (json.place !== undefined)
    hex(json, "place");
  truth(json, "open");
  return { link: hex(json, "link"), created, sequence, expires: number(json, "expires") };
}

function countedBucketOf(json) {
  return { ...bucketOf(json), count: number(json, "count", UINT32_MAX) };
}

export function takeBucket(bytes) {
  return countedBucketOf(parse(bytes));
}

/* The answer to a private link that was posted, or the bucket that they go to. */
export function takeLinkBucket(bytes) {
  return bucketOf(parse(bytes));
}

/* The answer to a T1 that was posted. */
export function takePostedT1(bytes) {
  const json = parse(bytes);
  return { ...countedBucketOf(json), t1Id: hex(json, "t1_id") };
}

/* A page of GET /v1/buckets. */
export function takeBuckets(bytes) {
  const json = parse(bytes);
  if (!Array.isArray(json?.buckets) || json.buckets.length > PAGE_MAX)
    throw nonsense();
  return { buckets: json.buckets.map(countedBucketOf), more: truth(json, "more") };
}

/* What the T1s of a place have paid, by class; none of a server that does not say. */
export function takeClasses(bytes) {
  const classes = new Array(STAMP_CLASSES).fill(0);
  const stamp = parse(bytes)?.stamp;
  if (stamp === undefined)
    return classes;
  number(stamp, "effort", UINT32_MAX);
  if (!Array.isArray(stamp.classes) || stamp.classes.length > STAMP_CLASSES)
    throw nonsense();
  stamp.classes.forEach((_, i) => {
    classes[i] = number(stamp.classes, i, UINT32_MAX);
  });
  return classes;
}

/* The problem "stamp": what is asked for. */
export function takeWanted(bytes) {
  const json = parse(bytes);
  const effort = number(json, "effort", UINT32_MAX);
  number(json, "until");
  if (effort === 0)
    throw nonsense();
  return { effort, challenge: hex(json, "challenge") };
}

/* The receipt for `count` T2s or T3s. Returns: for each whether it was refused. */
export function takeReceipt(bytes, count) {
  const json = parse(bytes);
  const list = json?.refused;
  if (!Array.isArray(list) ||
      number(json, "stored") + number(json, "duplicate") + list.length !== count)
    throw nonsense();
  const refused = new Array(count).fill(false);
  for (const entry of list) {
    const index = number(entry, "index", UINT32_MAX);
    if (index >= count || typeof entry.reason !== "string")
      throw nonsense();
    refused[index] = true;
  }
  return refused;
}
