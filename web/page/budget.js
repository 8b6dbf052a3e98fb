/* How many group actions a session may compute: a stock that grows by the clock. */

const AT_FIRST = 4096;
const HOUR_MS = 60 * 60 * 1000;
const HOURS = 4; /* in which as much is given again as at first */

export class Budget {
  constructor(now = () => performance.now()) {
    this.now = now;
    this.begunMs = now();
    this.spent = 0;
  }

  left() {
    const given = AT_FIRST + Math.floor((AT_FIRST * (this.now() - this.begunMs)) / HOUR_MS / HOURS);
    return Math.max(given - this.spent, 0);
  }

  spend(actions) {
    this.spent += actions;
  }

  /* A session is renewed: after so many hours it has a whole budget again. */
  beginSession() {
    if (this.now() - this.begunMs >= HOURS * HOUR_MS) {
      this.begunMs = this.now();
      this.spent = 0;
    }
  }
}
