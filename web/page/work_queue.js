/* Priority queue of T1s: by class, in random order inside a class. */
import { randomBelow } from "./bytes.js";

/* DESIGN: the class of a T1 says how much its sender paid for it. The highest class goes first, so
 * junk that delays others has to be paid for. Inside a class the order is random. Every eighth is
 * drawn from the whole queue, so that those who paid nothing are reached too. */
export const WORK_CLASSES = 34;
const ANY_EVERY = 8;

export class WorkQueue {
  constructor() {
    this.classes = Array.from({ length: WORK_CLASSES }, () => []);
    this.picks = 0;
  }

  /* How many items have this class or a higher one. */
  count(classMin = 0) {
    return this.classes.slice(classMin).reduce((sum, items) => sum + items.length, 0);
  }

  add(item, cls) {
    this.classes[cls].push(item);
  }

  remove(item, cls) {
    const items = this.classes[cls];
    const at = items.indexOf(item);
    items[at] = items.at(-1);
    items.pop();
  }

  /* The next item of `classMin` or higher, which stays; null: there is none. */
  next(classMin = 0) {
    const count = this.count(classMin);
    if (count === 0)
      return null;
    const any = ++this.picks % ANY_EVERY === 0;
    const from = any ? this.classes.slice(classMin).flat()
                     : this.classes.findLast((items, cls) => cls >= classMin && items.length > 0);
    return from[randomBelow(from.length)];
  }
}
