/* The Worker that has the session: the WebAssembly instance with the secrets, the driver and the
 * transport. The page sends it what the person does, and gets events. */
import { Actions } from "./actions.js";
import { fromHex } from "./bytes.js";
import { Exchange } from "./exchange.js";
import { createLink, openLink } from "./links.js";
import { Session } from "./session.js";
import { openMs } from "./stay.js";
import { Stop } from "./stop.js";
import { COMMON_PLACE, Transport } from "./transport.js";
import { Trouble } from "./trouble.js";

const MESSAGE_BYTES = 96;

/* DESIGN: a party draws its CTIDH key, and a Worker derives the public one, while the person still
 * types: the passphrase is not needed for that. It serves the first session; one that is renewed
 * begins a new one. All that is secret lies in `core`'s memory, which is overwritten at the end. */
export class SessionWorker {
  /* `core`: the instance; `Reunion`, `module`: for more of them; `makeWorker`: gives a Worker that
   * serves actions; `send`: hands an event to the page. */
  constructor({ core, module, makeWorker, betaOf, cores, send }) {
    Object.assign(this, { core, module, makeWorker, betaOf, cores, send });
    this.stop = new Stop();
    this.ready = null;
    this.actions = null;
  }

  /* Begin the next party and its public key. */
  prepare() {
    this.actions?.close();
    this.actions = new Actions(this.cores, this.makeWorker, this.module, this.betaOf);
    const party = this.core.party();
    this.ready = { party, begun: this.actions.begin(party) };
    this.ready.begun.catch(() => {}); /* whoever opens the party meets it */
  }

  /* A party for a session with this salt. */
  async openParty(passphrase, payload, salt) {
    if (!this.ready)
      this.prepare();
    const { party, begun } = this.ready;
    this.ready = null;
    await begun;
    party.open(passphrase, payload, salt);
    return party;
  }

  transport(server, placeName) {
    const tag = placeName ? this.core.placeTag(placeName) : COMMON_PLACE;
    return new Transport(new Exchange(server, this.stop), this.core, tag);
  }

  /* Meet others. `bucket`: 64 digits, or "". */
  async meet({ server, passphrase, message, bucket, place, stayS }) {
    const payload = new Uint8Array(MESSAGE_BYTES).fill(0x20);
    payload.set(message);
    const begunMs = performance.now();
    const leaving = setTimeout(() => this.stop.ask(), stayS * 1000);
    const session = new Session({
      core: this.core,
      actions: { count: this.cores, /* a renewed session has other Workers */
                 share: (...all) => this.actions.share(...all),
                 searchStamp: (...all) => this.actions.searchStamp(...all) },
      transport: this.transport(server, place),
      openParty: (salt) => this.openParty(passphrase, payload, salt),
      named: bucket ? fromHex(bucket, 32) : null,
      openUntilMs: begunMs + openMs(stayS),
      stop: this.stop,
      event: this.send,
    });
    try {
      await session.run();
    } finally {
      clearTimeout(leaving);
      passphrase.fill(0);
      payload.fill(0);
    }
  }

  async run(job) {
    if (job.do === "meet")
      await this.meet(job);
    else if (job.do === "create-link")
      this.send({ kind: "link-created", ...await createLink(this, job) });
    else
      this.send({ kind: "link-opened", ...await openLink(this, job) });
  }

  /* Do what the page asks for, and report its end. */
  async serve(job) {
    try {
      await this.run(job);
      this.send({ kind: "done" });
    } catch (error) {
      const { code = error.code ?? "failed", verdict = null, effort = 0, clockAheadS = null } =
        error instanceof Trouble ? error : {};
      this.send({ kind: "ended", code, verdict, effort, clockAheadS,
                  reason: String(error.message ?? error) });
    } finally {
      this.close();
    }
  }

  /* Overwrite all secrets; nothing can be done afterwards. */
  close() {
    if (!this.core)
      return;
    this.actions?.close();
    this.ready?.party.close();
    this.ready = null;
    this.core.wipe();
    this.core = null;
  }
}

/* Serve a page from inside a Worker. */
export function serveSession(Reunion, betaOf, scope) {
  let worker = null;
  const asked = [];
  const send = (event) => scope.postMessage(event);
  const take = (data) => {
    if (data.do === "leave")
      worker.stop.ask();
    else if (data.do === "wipe")
      worker.close();
    else
      worker.serve(data);
  };
  scope.onmessage = async ({ data }) => {
    if (data.do !== "load")
      return worker ? take(data) : asked.push(data);
    try {
      const module = await WebAssembly.compile(data.bytes);
      /* An address of this Worker's own: where the page is a file, it may use no other. */
      const url = URL.createObjectURL(new Blob([data.script], { type: "text/javascript" }));
      const makeWorker = () => new Worker(url, { name: "actions" });
      const core = await Reunion.load(module);
      worker = new SessionWorker({ core, module, betaOf, makeWorker, cores: data.cores, send });
      worker.prepare();
      send({ kind: "loaded" });
      asked.forEach(take);
    } catch (error) {
      send({ kind: "ended", code: "no-core", reason: String(error.message ?? error) });
    }
  };
}
