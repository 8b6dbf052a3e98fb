// The session, group actions, stamps and links, computed by the WebAssembly module (README.md).

const CODES = ["OK", "EINVAL", "ENOMEM", "EBADMSG", "EMSGSIZE", "ENOENT", "ELOOP", "ENOTSUP",
  "EIO", "EAGAIN"];
const OK = 0, AGAIN = -9;
// Statuses of a T1 that is no failure of ours.
const T1_STATUS = {OK: "ok", EMSGSIZE: "length", EBADMSG: "invalid", ELOOP: "own"};
const ID_BYTES = 32, SALT_BYTES = 32, SECRET_BYTES = 130, PUBLIC_BYTES = 128, SHARED_BYTES = 128;
const ALPHA_BYTES = 32, SUBJECT_BYTES = 97, NONCE_BYTES = 16, CLASSES = 33;
const LINK_KEY_BYTES = 32, LINK_SALT_BYTES = 16, BLOB_BYTES = 256, LINK_TEXT_BYTES = 238;
// struct invitation of link/invitation.h
const INVITATION = {server: 0, bucket: 1024, salt: 1056, passphrase: 1072, bytes: 2096,
  text: 8192};
const ENTROPY_BYTES_MAX = 65536;

export class ReunionError extends Error {
  constructor(code, message) {
    super(message);
    this.name = "ReunionError";
    this.code = code;
  }
}

// Whether the browser runs reunion-simd.wasm: a function that makes a vector, and drops it.
export function hasSimd() {
  return WebAssembly.validate(new Uint8Array([0, 97, 115, 109, 1, 0, 0, 0, 1, 4, 1, 96, 0, 0, 3,
    2, 1, 0, 10, 9, 1, 7, 0, 65, 0, 253, 15, 26, 11]));
}

// The public key in a T1, which setShared names.
export function betaOf(t1) {
  return t1.slice(ALPHA_BYTES, ALPHA_BYTES + PUBLIC_BYTES);
}

function expectBytes(what, bytes, length) {
  if (!(bytes instanceof Uint8Array) || (length !== undefined && bytes.length !== length))
    throw new ReunionError("EINVAL", `${what} must be ${length ?? "some"} bytes`);
}

export class Reunion {
  #exports;

  // `source`: the bytes of a module, or a WebAssembly.Module.
  static async load(source) {
    const reunion = new Reunion();
    const imports = {env: {
      getentropy: (at, bytes) => reunion.#fillRandom(at, bytes),
      emscripten_notify_memory_growth: () => {},
    }};
    const loaded = await WebAssembly.instantiate(source, imports);
    const instance = loaded instanceof WebAssembly.Instance ? loaded : loaded.instance;
    reunion.#exports = instance.exports;
    instance.exports._initialize();
    return reunion;
  }

  #fillRandom(at, bytes) {
    for (let done = 0; done < bytes; done += ENTROPY_BYTES_MAX)
      crypto.getRandomValues(this.view(at + done, Math.min(ENTROPY_BYTES_MAX, bytes - done)));
    return 0;
  }

  // For this file and tests: the module's functions, and its memory, valid until the next call.
  get raw() {
    return this.#exports;
  }

  view(at, bytes) {
    return new Uint8Array(this.#exports.memory.buffer, at, bytes);
  }

  copy(at, bytes) {
    return this.view(at, bytes).slice();
  }

  #terminated(at) {
    const all = new Uint8Array(this.#exports.memory.buffer, at);
    return new TextDecoder().decode(all.slice(0, all.indexOf(0)));
  }

  // `call(...pointers)` with memory for each of `buffers`: bytes, which are copied in, or a number
  // of bytes. Wiped and released afterwards, however it ends.
  with(buffers, call) {
    const taken = [];
    try {
      for (const buffer of buffers) {
        const bytes = typeof buffer === "number" ? buffer : buffer.length;
        const at = this.#exports.web_alloc(bytes);
        if (at === 0)
          this.fail(-2);
        taken.push([at, bytes]);
        if (typeof buffer !== "number")
          this.view(at, bytes).set(buffer);
      }
      return call(...taken.map(([at]) => at));
    } finally {
      for (const [at, bytes] of taken)
        this.#exports.web_free(at, bytes);
    }
  }

  fail(result) {
    throw new ReunionError(CODES[-result] ?? "EIO",
      this.#terminated(this.#exports.web_result_text(result)));
  }

  expectOk(result) {
    if (result !== OK)
      this.fail(result);
  }

  // Overwrite all that the instance has in memory; it cannot be used afterwards.
  wipe() {
    this.view(0, this.#exports.memory.buffer.byteLength).fill(0);
    this.#exports = undefined;
  }

  // `seeds`: 160 bytes, of tests alone.
  party(seeds) {
    return new Party(this, seeds);
  }

  derivePublic(secret) {
    expectBytes("a secret key", secret, SECRET_BYTES);
    return this.with([secret, PUBLIC_BYTES], (key, beta) => {
      this.expectOk(this.raw.web_derive_public(key, beta));
      return this.copy(beta, PUBLIC_BYTES);
    });
  }

  deriveShared(secret, beta) {
    expectBytes("a secret key", secret, SECRET_BYTES);
    expectBytes("a public key", beta, PUBLIC_BYTES);
    return this.with([secret, beta, SHARED_BYTES], (key, theirs, shared) => {
      const result = this.raw.web_derive_shared(key, theirs, shared);
      if (CODES[-result] === "EBADMSG")
        return null;
      this.expectOk(result);
      return this.copy(shared, SHARED_BYTES);
    });
  }

  t1Id(t1) {
    return this.with([t1, ID_BYTES], (bytes, id) => {
      this.raw.web_hash(id, bytes, t1.length);
      return this.copy(id, ID_BYTES);
    });
  }

  stampSearch(subject) {
    return new StampSearch(this, subject);
  }

  stampCheck(subject, nonce) {
    expectBytes("a nonce", nonce, NONCE_BYTES);
    return this.with([subjectBytes(subject), nonce, 4], (about, tried, effort) => {
      this.expectOk(this.raw.web_stamp_check(about, tried, effort));
      return new DataView(this.raw.memory.buffer).getUint32(effort, true);
    });
  }

  paymentFirst(classes, price, most) {
    return this.with([classBytes(classes)], (counts) =>
      this.raw.web_payment_first(counts, price, most));
  }

  paymentRaise(classes, most) {
    return this.with([classBytes(classes)], (counts) =>
      this.raw.web_payment_raise(counts, most) >>> 0);
  }

  linkKey(passphrase, salt) {
    expectBytes("a salt", salt, LINK_SALT_BYTES);
    return this.with([passphrase, salt, LINK_KEY_BYTES], (words, salted, key) => {
      this.expectOk(this.raw.web_link_key(key, words, passphrase.length, salted));
      return this.copy(key, LINK_KEY_BYTES);
    });
  }

  linkSeal(key, text) {
    expectBytes("a key", key, LINK_KEY_BYTES);
    return this.with([key, text, BLOB_BYTES], (sealing, plain, blob) => {
      this.expectOk(this.raw.web_link_seal(blob, sealing, plain, text.length));
      return this.copy(blob, BLOB_BYTES);
    });
  }

  linkOpen(key, blobs) {
    expectBytes("a key", key, LINK_KEY_BYTES);
    const count = blobs.length / BLOB_BYTES;
    if (!Number.isInteger(count))
      throw new ReunionError("EINVAL", "links are 256 bytes each");
    return this.with([key, blobs, LINK_TEXT_BYTES, 4], (opening, sealed, text, bytes) => {
      this.expectOk(this.raw.web_link_open(text, bytes, opening, sealed, count));
      return this.copy(text, new DataView(this.raw.memory.buffer).getUint32(bytes, true));
    });
  }

  parseInvitation(text) {
    const encoded = new TextEncoder().encode(text);
    return this.with([encoded, INVITATION.bytes], (bytes, invitation) => {
      this.expectOk(this.raw.web_invitation_parse(invitation, bytes, encoded.length));
      return {
        server: this.#terminated(invitation + INVITATION.server),
        bucket: this.copy(invitation + INVITATION.bucket, ID_BYTES),
        salt: this.copy(invitation + INVITATION.salt, LINK_SALT_BYTES),
        passphrase: this.#terminated(invitation + INVITATION.passphrase),
      };
    });
  }

  printInvitation({server, bucket, salt, passphrase = ""}) {
    const form = new Uint8Array(INVITATION.bytes);
    const put = (text, from, to) => {
      const bytes = new TextEncoder().encode(text);
      if (bytes.length >= to - from || bytes.includes(0))
        throw new ReunionError("EMSGSIZE", "the server or passphrase of an invitation is too long");
      form.set(bytes, from);
    };
    expectBytes("a bucket", bucket, ID_BYTES);
    expectBytes("a salt", salt, LINK_SALT_BYTES);
    put(server, INVITATION.server, INVITATION.bucket);
    put(passphrase, INVITATION.passphrase, INVITATION.bytes);
    form.set(bucket, INVITATION.bucket);
    form.set(salt, INVITATION.salt);
    try {
      return this.with([form, INVITATION.text], (invitation, text) => {
        this.raw.web_invitation_print(text, invitation);
        return this.#terminated(text);
      });
    } finally {
      form.fill(0);
    }
  }

  placeTag(name) {
    const terminated = new TextEncoder().encode(name + "\0");
    if (terminated.indexOf(0) !== terminated.length - 1)
      throw new ReunionError("EBADMSG", "a place's name has a zero in it");
    return this.with([terminated, ID_BYTES], (bytes, tag) => {
      this.expectOk(this.raw.web_place_tag(tag, bytes));
      return this.copy(tag, ID_BYTES);
    });
  }

  // `kind`: "r" of T1s, "l" of links; `place`: its tag, zeros for the common one.
  bucketHash({created, sequence, place = new Uint8Array(ID_BYTES), kind}) {
    expectBytes("a place's tag", place, ID_BYTES);
    return this.with([place, ID_BYTES], (tag, hash) => {
      this.raw.web_bucket_hash(hash, created, sequence, tag, kind.charCodeAt(0));
      return this.copy(hash, ID_BYTES);
    });
  }
}

// A session. Its secrets are in the module's memory alone.
class Party {
  #reunion;
  #at;

  constructor(reunion, seeds) {
    this.#reunion = reunion;
    this.#at = seeds ? reunion.with([seeds], (bytes) => reunion.raw.web_party_new(bytes))
      : reunion.raw.web_party_new(0);
    if (this.#at === 0)
      reunion.fail(-2);
  }

  // Pointers are 0 once it is closed; nothing may be called with that.
  get #open() {
    if (this.#at === 0)
      throw new ReunionError("EINVAL", "this session is closed");
    return this.#at;
  }

  close() {
    this.#reunion.raw?.web_party_close(this.#at);
    this.#at = 0;
  }

  secret() {
    return this.#reunion.with([SECRET_BYTES], (secret) => {
      this.#reunion.raw.web_party_secret(this.#open, secret);
      return this.#reunion.copy(secret, SECRET_BYTES);
    });
  }

  setBeta(beta) {
    expectBytes("a public key", beta, PUBLIC_BYTES);
    this.#reunion.with([beta], (bytes) =>
      this.#reunion.expectOk(this.#reunion.raw.web_party_set_beta(this.#open, bytes)));
  }

  setShared(beta, shared) {
    expectBytes("a public key", beta, PUBLIC_BYTES);
    if (shared !== null)
      expectBytes("a shared secret", shared, SHARED_BYTES);
    this.#reunion.with([beta, shared ?? 0], (theirs, bytes) =>
      this.#reunion.expectOk(this.#reunion.raw.web_party_set_shared(this.#open, theirs,
        shared === null ? 0 : bytes)));
  }

  open(passphrase, message, salt) {
    expectBytes("a passphrase", passphrase);
    expectBytes("a message", message);
    expectBytes("a salt", salt, SALT_BYTES);
    this.#reunion.with([passphrase, message, salt], (words, payload, salted) =>
      this.#reunion.expectOk(this.#reunion.raw.web_party_open(this.#open, words,
        passphrase.length, payload, message.length, salted)));
    return this.t1;
  }

  get t1() {
    const raw = this.#reunion.raw;
    const bytes = raw.web_party_t1_bytes(this.#open);
    return bytes === 0 ? null : this.#reunion.copy(raw.web_party_t1(this.#at), bytes);
  }

  get id() {
    const at = this.#reunion.raw.web_party_id(this.#open);
    return at === 0 ? null : this.#reunion.copy(at, ID_BYTES);
  }

  needsWork(t1) {
    return this.#reunion.with([t1], (bytes) =>
      this.#reunion.raw.web_party_needs_work(this.#open, bytes, t1.length) === 1);
  }

  receiveT1(t1) {
    return this.#reunion.with([t1, 2 * ID_BYTES], (bytes, answer) => {
      const result = this.#reunion.raw.web_party_receive_t1(this.#open, bytes, t1.length, answer);
      const status = T1_STATUS[CODES[-result]];
      if (status === undefined)
        this.#reunion.fail(result);
      return {
        status,
        id: this.#reunion.copy(answer, ID_BYTES),
        t2: result === OK ? this.#reunion.copy(answer + ID_BYTES, ID_BYTES) : null,
      };
    });
  }

  receiveT2(id, t2) {
    expectBytes("an id", id, ID_BYTES);
    expectBytes("a T2", t2, ID_BYTES);
    return this.#reunion.with([id, t2, ID_BYTES], (from, received, t3) => {
      this.#reunion.expectOk(this.#reunion.raw.web_party_receive_t2(this.#open, from, received,
        t3));
      return this.#reunion.copy(t3, ID_BYTES);
    });
  }

  receiveT3(id, t3) {
    expectBytes("an id", id, ID_BYTES);
    expectBytes("a T3", t3, ID_BYTES);
    return this.#reunion.with([id, t3], (from, received) => {
      const result = this.#reunion.raw.web_party_receive_t3(this.#open, from, received);
      if (CODES[-result] === "ENOENT")
        return false;
      this.#reunion.expectOk(result);
      return true;
    });
  }

  reveals() {
    const raw = this.#reunion.raw, found = [];
    while (raw.web_party_next_reveal(this.#open) === OK)
      found.push({
        id: this.#reunion.copy(raw.web_party_revealed_id(this.#at), ID_BYTES),
        message: this.#reunion.copy(raw.web_party_revealed(this.#at),
          raw.web_party_revealed_bytes(this.#at)),
      });
    return found;
  }
}

function subjectBytes({kind, place, record, challenge}) {
  for (const part of [place, record, challenge])
    expectBytes("each part of what a stamp is for", part, ID_BYTES);
  const bytes = new Uint8Array(SUBJECT_BYTES);
  bytes[0] = kind.charCodeAt(0);
  bytes.set(place, 1);
  bytes.set(record, 1 + ID_BYTES);
  bytes.set(challenge, 1 + 2 * ID_BYTES);
  return bytes;
}

function classBytes(classes) {
  if (classes.length !== CLASSES)
    throw new ReunionError("EINVAL", `there are ${CLASSES} classes`);
  const view = new DataView(new ArrayBuffer(4 * CLASSES));
  classes.forEach((t1s, i) => view.setUint32(4 * i, t1s, true));
  return new Uint8Array(view.buffer);
}

// A search for a stamp, in pieces.
class StampSearch {
  #reunion;
  #at;

  constructor(reunion, subject) {
    this.#reunion = reunion;
    this.#at = reunion.with([subjectBytes(subject)], (about) =>
      reunion.raw.web_stamp_search_new(about));
    if (this.#at === 0)
      reunion.fail(-2);
  }

  run(effort, triesLeast, triesMost) {
    const raw = this.#reunion.raw;
    if (this.#at === 0)
      throw new ReunionError("EINVAL", "this search is closed");
    const result = raw.web_stamp_search_run(this.#at, effort, triesLeast, triesMost);
    if (result !== AGAIN)
      this.#reunion.expectOk(result);
    return {
      done: result === OK,
      tries: raw.web_stamp_search_tries(this.#at),
      effort: raw.web_stamp_search_effort(this.#at) >>> 0,
      nonce: this.#reunion.copy(raw.web_stamp_search_nonce(this.#at), NONCE_BYTES),
    };
  }

  close() {
    this.#reunion.raw?.web_stamp_search_close(this.#at);
    this.#at = 0;
  }
}
