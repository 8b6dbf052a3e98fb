/* A wish to stop that waits and requests end on. */
import { Trouble } from "./trouble.js";

export class Stop {
  constructor() {
    this.controller = new AbortController();
  }

  get signal() {
    return this.controller.signal;
  }

  get asked() {
    return this.signal.aborted;
  }

  ask() {
    this.controller.abort();
  }

  check() {
    if (this.asked)
      throw new Trouble("canceled");
  }

  /* Wait so many milliseconds, or until stopping is asked for, which throws "canceled". */
  wait(ms) {
    return new Promise((resolve, reject) => {
      if (this.asked)
        return reject(new Trouble("canceled"));
      const onStop = () => {
        clearTimeout(timer);
        reject(new Trouble("canceled"));
      };
      const timer = setTimeout(() => {
        this.signal.removeEventListener("abort", onStop);
        resolve();
      }, ms);
      this.signal.addEventListener("abort", onStop, { once: true });
    });
  }
}
