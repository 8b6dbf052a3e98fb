// Stamps, links, names and errors of reunion.js in node: run_records.mjs MODULE STAMPS LINKS.
import assert from "node:assert/strict";
import {readFileSync} from "node:fs";
import {webcrypto} from "node:crypto";

import {Reunion, hasSimd} from "../../web/wasm/reunion.js";

globalThis.crypto ??= webcrypto;

const [module, stamps, links] = process.argv.slice(2);
const reunion = await Reunion.load(readFileSync(module));
const un = (hex) => new Uint8Array(Buffer.from(hex, "hex"));
const hex = (bytes) => Buffer.from(bytes).toString("hex");
const refused = (code, call) => assert.throws(call, (error) => error.code === code);

function subjectOf({kind, place, record, challenge}) {
  return {kind, place: un(place), record: un(record), challenge: un(challenge)};
}

const known = JSON.parse(readFileSync(stamps, "utf8")).stamps;
for (const each of known)
  assert.equal(reunion.stampCheck(subjectOf(each), un(each.nonce)), each.effort);
const search = reunion.stampSearch(subjectOf(known[0]));
let found = search.run(4, 6, 1);
assert.equal(found.tries, 1);
while (!found.done)
  found = search.run(4, 6, 8);
assert.ok(found.tries >= 6 && found.effort >= 4);
assert.equal(reunion.stampCheck(subjectOf(known[0]), found.nonce), found.effort);
search.close();
refused("EINVAL", () => search.run(1, 1, 1));
assert.equal(reunion.paymentFirst(new Array(33).fill(0), 0, 1 << 14), 0);
assert.equal(reunion.paymentFirst(new Array(33).fill(0), 1, 1 << 14), 1 << 11);
assert.equal(reunion.paymentRaise(new Array(33).fill(0), 1 << 14), 1 << 12);

const each = JSON.parse(readFileSync(links, "utf8"))[0];
const key = reunion.linkKey(un(each.passphrase), un(each.salt));
assert.equal(hex(key), each.key);
assert.equal(hex(reunion.linkSeal(key, un(each.text))), each.blob);
const bucket = new Uint8Array(3 * 256);
refused("ENOENT", () => reunion.linkOpen(key, bucket));
bucket.set(un(each.blob), 256);
assert.equal(hex(reunion.linkOpen(key, bucket)), each.text);
bucket.set(un(each.blob), 512);
refused("EBADMSG", () => reunion.linkOpen(key, bucket));
const invitation = reunion.parseInvitation(each.invitation);
assert.equal(hex(invitation.bucket), each.bucket);
assert.equal(hex(invitation.salt), each.salt);
assert.equal(invitation.passphrase, Buffer.from(each.passphrase, "hex").toString());
assert.equal(reunion.printInvitation(invitation), each.invitation);
refused("ENOTSUP", () => reunion.parseInvitation(each.invitation.replace(":v1", ":v2")));
refused("EBADMSG", () => reunion.parseInvitation("nothing"));

assert.equal(hex(reunion.placeTag("caf\u00e9")), hex(reunion.placeTag("cafe\u0301")));
refused("EBADMSG", () => reunion.placeTag(" x"));
refused("EBADMSG", () => reunion.placeTag("a\0b"));

const party = reunion.party();
refused("EINVAL", () => party.receiveT2(new Uint8Array(32), new Uint8Array(32)));
refused("EINVAL", () => party.open(new Uint8Array(0), new Uint8Array(96), new Uint8Array(32)));
refused("EINVAL", () => party.setBeta(new Uint8Array(127)));
assert.equal(reunion.deriveShared(party.secret(), new Uint8Array(128).fill(255)), null);
party.close();
refused("EINVAL", () => party.secret());
assert.equal(hasSimd(), true);

const memory = new Uint8Array(reunion.raw.memory.buffer);
reunion.wipe();
assert.ok(memory.every((byte) => byte === 0));
console.log("1 passed, 0 failed");
