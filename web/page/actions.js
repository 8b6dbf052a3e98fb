/* Group actions and searches for stamps, in Workers, one for each core. */
import { Trouble } from "./trouble.js";

/* DESIGN: each Worker has an instance of the WebAssembly module and serves one job at a time; jobs
 * wait here in order of their coming. What a Worker is given and gives back is in action_worker.js.
 * Ending the Workers ends what they compute, and their memory goes with them. */
export class Actions {
  /* `make`: gives a new Worker. `module`: the WebAssembly module. `betaOf`: of the core. */
  constructor(count, make, module, betaOf) {
    this.count = count;
    this.betaOf = betaOf;
    this.secret = null;
    this.closed = false;
    this.waiting = [];
    this.workers = Array.from({ length: count }, () => {
      const worker = make();
      worker.postMessage({ job: "load", module });
      const entry = { worker, job: null };
      worker.onmessage = ({ data }) => this.finish(entry, data);
      worker.onerror = () => this.finish(entry, { error: "a Worker failed" });
      return entry;
    });
  }

  finish(entry, data) {
    const { resolve, reject } = entry.job ?? {};
    entry.job = null;
    if (data.error !== undefined)
      reject?.(new Error(data.error));
    else
      resolve?.(data.result);
    this.next();
  }

  next() {
    for (const entry of this.workers) {
      if (entry.job || this.waiting.length === 0)
        continue;
      const at = this.waiting.findIndex(({ only }) => !only || only === entry);
      if (at < 0)
        continue;
      [entry.job] = this.waiting.splice(at, 1);
      entry.worker.postMessage(entry.job.message);
    }
  }

  /* One job, for a Worker or the one that is named. Throws "canceled" once all is closed. */
  run(message, only = null) {
    if (this.closed)
      return Promise.reject(new Trouble("canceled"));
    return new Promise((resolve, reject) => {
      this.waiting.push({ message, only, resolve, reject });
      this.next();
    });
  }

  /* Give `party` its own public key. */
  async begin(party) {
    this.secret = party.secret();
    party.setBeta(await this.run({ job: "public", secret: this.secret }));
  }

  /* Give `party` the secret that it shares with the sender of `t1`. */
  async share(party, t1) {
    const beta = this.betaOf(t1);
    const shared = await this.run({ job: "shared", secret: this.secret, beta });
    party.setShared(beta, shared);
    shared?.fill(0);
  }

  /* Search in all Workers until a stamp is worth `effort` and `tries` were made. `report`: called
   * with the milliseconds left. Returns: {effort, nonce}. */
  async searchStamp(subject, effort, tries, report) {
    const begunMs = performance.now();
    let made = 0;
    let best = { effort: 0, nonce: null };
    const enough = () => made >= tries && best.effort >= effort;
    await Promise.all(this.workers.map(async (entry) => {
      let job = { job: "search", subject };
      while (!enough()) {
        const found = await this.run(job, entry);
        job = { job: "search-on" };
        made += found.made;
        if (found.effort > best.effort)
          best = found;
        report(Math.max(((performance.now() - begunMs) / made) * (tries - made), 0));
      }
    }));
    return best;
  }

  close() {
    this.closed = true;
    this.secret?.fill(0);
    for (const { worker, job } of this.workers) {
      worker.terminate();
      job?.reject(new Trouble("canceled"));
    }
    for (const { reject } of this.waiting)
      reject(new Trouble("canceled"));
    this.waiting = [];
  }
}
