/* The page's texts, warnings, checks and codes, in node. */
import "./node_crypto.mjs";
import assert from "node:assert/strict";
import { test } from "node:test";

import { checkCurrentLinks, checkOwn, checkOwnLinks } from "../../web/page/bucket_check.js";
import { Budget } from "../../web/page/budget.js";
import { effortNow, stampClass } from "../../web/page/payment.js";
import { drawStayS, openMs } from "../../web/page/stay.js";
import { choose, languages } from "../../web/page/strings.js";
import { WorkQueue } from "../../web/page/work_queue.js";

test("every language has every text, with the same values in it", () => {
  const { en } = languages;
  const values = (text) => [...text.matchAll(/\{\w+\}/g)].map(([each]) => each).sort();
  for (const [code, { dir, strings }] of Object.entries(languages)) {
    assert.ok(["ltr", "rtl"].includes(dir));
    assert.deepEqual(Object.keys(strings), Object.keys(en.strings), code);
    for (const [key, text] of Object.entries(strings))
      assert.deepEqual(values(text), values(en.strings[key]), `${code} ${key}`);
  }
  assert.equal(choose(["fr-FR", "de-CH", "en"]), "de");
  assert.equal(choose(["fr"]), "en");
});

test("a stay is from ten minutes to two hours, half an hour on average", () => {
  const stays = Array.from({ length: 2000 }, drawStayS);
  assert.ok(Math.min(...stays) >= 600 && Math.max(...stays) <= 7200);
  const mean = stays.reduce((sum, each) => sum + each, 0) / stays.length;
  assert.ok(mean > 1500 && mean < 2100, `${mean}`); /* 1797, 26 is its standard deviation */
  assert.equal(openMs(3600), 3540000);
  assert.equal(openMs(60), 45000);
});

test("buckets that cannot be everybody's are refused", () => {
  const bucket = { created: 7200, sequence: 0, hashFits: true };
  assert.equal(checkOwn(bucket, 3600, 7300, 7300), null);
  assert.equal(checkOwn({ ...bucket, hashFits: false }, 3600, 7300, 7300), "elsewhere");
  assert.equal(checkOwn({ ...bucket, created: 7201 }, 3600, 7300, 7300), "off-grid");
  assert.equal(checkOwn(bucket, 3000, 7300, 7300), "window-odd");
  assert.equal(checkOwn(bucket, 3600, 20000, 20000), "too-old");
  assert.equal(checkOwn({ ...bucket, created: 10800 }, 3600, 7300, 7300), "future");
  assert.equal(checkOwnLinks({ ...bucket, sequence: 17 }, 7300, 7300), "sequence-high");
  assert.equal(checkOwnLinks({ ...bucket, sequence: 16 }, 7300, 7300), null);
  assert.equal(checkCurrentLinks(bucket, { ...bucket, sequence: 1 }), null);
  assert.equal(checkCurrentLinks(bucket, { ...bucket, sequence: 2 }), "not-current");
});

test("work: the highest class first, and every eighth of all", () => {
  const queue = new WorkQueue();
  for (let i = 0; i < 100; i++)
    queue.add({ cls: 0 }, 0);
  queue.add({ cls: 3 }, 3);
  const picks = Array.from({ length: 800 }, () => queue.next().cls);
  assert.ok(picks.filter((_, i) => i % 8 !== 7).every((cls) => cls === 3));
  assert.ok(picks.filter((cls) => cls === 0).length > 80);
  assert.equal(queue.next(1).cls, 3);
  assert.equal(queue.next(4), null);
  assert.equal(effortNow(4096, 10, 12), 1024);
  assert.equal(stampClass(4096, 10, 12), 11);
  assert.equal(stampClass(0, 10, 10), 0);
  let now = 0;
  const budget = new Budget(() => now);
  budget.spend(4096);
  assert.equal(budget.left(), 0);
  now = 3600000;
  assert.equal(budget.left(), 1024);
});
