// The known answers of crypto and sessions, asked of a WebAssembly module through reunion.js.
// Nothing of node's is used, so that a browser can run it as well.

import {betaOf} from "../../web/wasm/reunion.js";

const un = (hex) => new Uint8Array((hex.match(/../g) ?? []).map((digits) => parseInt(digits, 16)));
const hex = (bytes) => Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");

export class Score {
  passed = 0;
  failed = [];

  expect(what, is, wanted) {
    if (is === wanted)
      this.passed++;
    else
      this.failed.push(`${what}: ${is} is not ${wanted}`);
  }
}

// Each section: what is computed of an entry, and the answer.
const PRIMITIVES = {
  hash: (r, e) => [hex(r.t1Id(un(e.msg))), e.hash.slice(0, 64)],
  argon2i: (r, e) => [r.with([un(e.password), un(e.salt), 32], (password, salt, out) => {
    r.expectOk(r.raw.web_argon2i(out, password, e.password.length / 2, salt));
    return hex(r.copy(out, 32));
  }), e.hash],
  hkdf: (r, e) => [r.with([un(e.key), un(e.salt), un(e.info), e.length], (key, salt, info, out) => {
    r.expectOk(r.raw.web_hkdf(out, e.length, key, e.key.length / 2, salt, e.salt.length / 2, info,
      e.info.length / 2));
    return hex(r.copy(out, e.length));
  }), e.okm],
  aead: (r, e) => [r.with([un(e.key), un(e.plaintext), un(e.ad), un(e.mac_and_ciphertext)],
    (key, plaintext, ad, box) => {
      const bytes = e.plaintext.length / 2, adBytes = e.ad.length / 2;
      r.expectOk(r.raw.web_aead_open(plaintext, key, box, bytes + 16, ad, adBytes));
      const opened = hex(r.copy(plaintext, bytes));
      r.view(box, bytes + 16).fill(0);
      r.raw.web_aead_seal(box, key, plaintext, bytes, ad, adBytes);
      const sealed = hex(r.copy(box, bytes + 16));
      r.view(box, 1)[0] ^= 1;
      const refused = r.raw.web_aead_open(plaintext, key, box, bytes + 16, ad, adBytes);
      return `${opened} ${sealed} ${refused}`;
    }), `${e.plaintext} ${e.mac_and_ciphertext} -3`],
  prp: (r, e) => [r.with([un(e.key), un(e.plaintext)], (key, block) => {
    r.expectOk(r.raw.web_prp_encrypt(block, key, block));
    const there = hex(r.copy(block, 32));
    r.expectOk(r.raw.web_prp_decrypt(block, key, block));
    return `${there} ${hex(r.copy(block, 32))}`;
  }), `${e.ciphertext} ${e.plaintext}`],
  hidden_key_pair: (r, e) => [r.with([un(e.seed), 32, 32, 32], (seed, hidden, secret, u) => {
    r.raw.web_hidden_key_pair(hidden, secret, seed);
    r.raw.web_elligator2_map(u, hidden);
    return [hidden, secret, u].map((at) => hex(r.copy(at, 32))).join(" ");
  }), `${e.hidden} ${e.secret} ${e.public}`],
  elligator_map: (r, e) => [r.with([un(e.hidden), 32], (hidden, u) => {
    r.raw.web_elligator2_map(u, hidden);
    return hex(r.copy(u, 32));
  }), e.public],
  x25519: (r, e) => [r.with([un(e.secret), un(e.public), 32], (secret, theirs, shared) => {
    r.raw.web_x25519(shared, secret, theirs);
    return hex(r.copy(shared, 32));
  }), e.shared],
  ctidh_key_pair: (r, e) => [r.with([un(e.seed), 130], (seed, secret) => {
    r.expectOk(r.raw.web_ctidh_secret(secret, seed));
    const made = r.copy(secret, 130);
    return `${hex(made)} ${hex(r.derivePublic(made))}`;
  }), `${e.secret} ${e.public}`],
  ctidh_dh: (r, e) => [hex(r.deriveShared(un(e.secret), un(e.public))), e.shared],
  ctidh_validate: (r, e) => [r.with([un(e.public)], (key) => r.raw.web_ctidh_check(key) === 0),
    e.valid],
};

export const sections = Object.keys(PRIMITIVES);

// One section, as far as `limit` entries.
export function checkPrimitives(reunion, all, section, score, limit = Infinity) {
  all.primitives[section].slice(0, limit).forEach((entry, i) => {
    const [is, wanted] = PRIMITIVES[section](reunion, entry);
    score.expect(`${section}[${i}]`, is, wanted);
  });
}

function opened(reunion, session, party, score, what) {
  const made = reunion.party(un(party.dh_seed + party.ctidh_seed + party.gamma_seed +
    party.delta_seed + party.dummy_seed));
  score.expect(`${what} secret`, hex(made.secret()), party.ctidh_secret);
  made.open(un(party.passphrase), un(party.payload), un(session.salt));
  score.expect(`${what} T1`, hex(made.t1), party.t1);
  score.expect(`${what} id`, hex(made.id), party.t1_id);
  return made;
}

// As Workers do: one group action for each pair, as both sides have the same secret.
function shareInPairs(reunion, known, parties) {
  const betas = known.map((party) => betaOf(un(party.t1)));
  for (let i = 0; i < parties.length; i++)
    for (let j = 0; j < i; j++) {
      const shared = reunion.deriveShared(parties[i].secret(), betas[j]);
      parties[i].setShared(betas[j], shared);
      parties[j].setShared(betas[i], shared);
    }
}

// A whole session: every T1, T2 and T3 of the file, the dummies, and what is revealed. The first one
// computes its group actions itself, the others are given the results.
export function checkSession(reunion, all, index, score) {
  const session = all.sessions[index], name = `session[${index}]`;
  const known = session.parties;
  const parties = known.map((party, i) => opened(reunion, session, party, score,
    `${name} party ${i}`));
  score.expect(`${name} needs work`, parties[0].needsWork(un(known[1].t1)), true);
  if (index > 0) {
    shareInPairs(reunion, known, parties);
    score.expect(`${name} needs none`, parties[0].needsWork(un(known[1].t1)), false);
  }
  for (const {sender, addressee, t2} of session.t2) {
    const answer = parties[sender].receiveT1(un(known[addressee].t1));
    score.expect(`${name} T2 ${sender} to ${addressee}`, hex(answer.t2), t2);
  }
  const t2Of = (from, to) => un(session.t2.find((each) =>
    each.sender === from && each.addressee === to).t2);
  for (const {sender, addressee, processed_by: by, t3} of session.stray_t2)
    score.expect(`${name} stray T2`,
      hex(parties[by].receiveT2(un(known[sender].t1_id), t2Of(sender, addressee))), t3);
  for (const {processed_by: by, t1_id: id, t2, t3} of session.unknown_t1)
    score.expect(`${name} unknown T1`, hex(parties[by].receiveT2(un(id), un(t2))), t3);
  for (const {sender, addressee, t3} of session.t3)
    score.expect(`${name} T3 ${sender} to ${addressee}`,
      hex(parties[sender].receiveT2(un(known[addressee].t1_id), t2Of(addressee, sender))), t3);
  for (const {sender, addressee, t3} of session.t3)
    parties[addressee].receiveT3(un(known[sender].t1_id), un(t3));
  parties.forEach((party, i) => {
    const revealed = party.reveals().map(({id, message}) => `${hex(id)} ${hex(message)}`).sort();
    const wanted = session.reveal.filter((each) => each.addressee === i && each.payload !== null)
      .map(({sender, payload}) => `${known[sender].t1_id} ${payload}`).sort();
    score.expect(`${name} revealed to ${i}`, revealed.join(), wanted.join());
    party.close();
  });
}
