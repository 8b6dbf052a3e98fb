/* Who the page is for: small screens, keyboards, screen readers, dark and light, right to left, and
 * whoever reads another language. The server's URL is in SERVER. */
import assert from "node:assert/strict";
import { after, before, test } from "node:test";

import { axeSource, close, leave, open, placed, visit } from "./browser.mjs";

const url = `${process.env.SERVER}/`;

before(open);
after(close);

async function axeFindsNothing(page, what) {
  const found = await page.evaluate(async () => {
    const { violations, passes } = await window.axe.run(document);
    return { passes: passes.length,
             violations: violations.map(({ id, nodes }) => [id, nodes.map(({ html }) => html)]) };
  });
  assert.deepEqual(found.violations, [], what);
  assert.ok(found.passes > 10);
}

/* Nothing is wider than the window. */
async function fits(page, what) {
  const [width, room] = await page.evaluate(
    () => [document.documentElement.scrollWidth, document.documentElement.clientWidth]);
  assert.ok(width <= room, `${what}: ${width} of ${room} pixels`);
}

for (const colorScheme of ["light", "dark"])
  test(`axe-core finds nothing, and all fits 320 pixels, ${colorScheme}`, async () => {
    const page = await visit(url, {
      init: axeSource, options: { colorScheme, viewport: { width: 320, height: 640 } } });
    for (const dir of ["ltr", "rtl"]) {
      await page.evaluate((value) => { document.documentElement.dir = value; }, dir);
      for (const tab of ["meet", "create", "open"]) {
        await page.click(`#tab-${tab}`);
        await fits(page, `${tab} ${dir}`);
        await axeFindsNothing(page, `${tab} ${dir}`);
      }
    }
    await page.click("#tab-meet");
    await page.fill("#passphrase", "cafe\u0301");
    await page.click("#share-phrase");
    await page.click("summary");
    await axeFindsNothing(page, "all shown");
    await fits(page, "all shown");
    await leave(page);
  });

test("a planted fault is found", async () => {
  const page = await visit(url, { init: axeSource });
  await page.evaluate(() => document.querySelector('label[for="message"]').remove());
  await assert.rejects(axeFindsNothing(page, "without a label"), /without a label/);
  await leave(page);
});

test("by the keyboard alone, and what is read out", async () => {
  const page = await visit(url, {
    init: axeSource, options: { viewport: { width: 320, height: 640 } } });
  const press = async (keys) => {
    for (const key of keys)
      await page.keyboard.press(key);
  };
  const focused = () => page.evaluate(() => document.activeElement.id);
  await page.focus("#tab-meet");
  await press(["ArrowRight"]);
  assert.equal(await focused(), "tab-create");
  assert.equal(await page.isVisible("#create-form"), true);
  await press(["ArrowRight", "ArrowRight"]);
  assert.equal(await focused(), "tab-meet");
  await press(["Tab"]);
  assert.equal(await focused(), "passphrase");
  await page.keyboard.type("tulip-garden-seven");
  for (let i = 0; i < 8 && (await focused()) !== "message"; i++)
    await press(["Tab"]);
  await page.keyboard.type("by keys");
  for (let i = 0; i < 4 && (await focused()) !== "meet"; i++)
    await press(["Tab"]);
  assert.equal(await focused(), "meet");
  await press(["Enter"]);
  await page.waitForSelector("#run:not([hidden])");
  assert.equal(await focused(), "run-status");
  assert.equal(await page.getAttribute("#run-status", "role"), "status");
  assert.equal(await page.getAttribute("#run-notes", "aria-live"), "polite");
  await placed(page);
  await axeFindsNothing(page, "a run");
  await fits(page, "a run");
  for (let i = 0; i < 4 && (await focused()) !== "leave"; i++)
    await press(["Tab"]);
  await press(["Enter"]);
  await page.waitForFunction(() => document.activeElement.id === "again");
  await axeFindsNothing(page, "its end");
  await leave(page);
});

test("German for those who wish it, and every text is there", async () => {
  const page = await visit(url, { options: { locale: "de-AT" } });
  assert.equal(await page.getAttribute("html", "lang"), "de");
  assert.equal(await page.textContent("#meet"), "Treffen");
  await page.selectOption("#language", "en");
  assert.equal(await page.textContent("#meet"), "Meet");
  const empty = await page.$$eval(
    "[data-text]", (all) => all.filter((each) => each.textContent === "").length);
  assert.equal(empty, 0);
  const fields = await page.$$eval("input:not([type=checkbox]), textarea", (all) => all.map(
    (each) => [each.id, each.autocomplete, each.spellcheck]));
  assert.ok(fields.length >= 8);
  for (const [id, autocomplete, spellcheck] of fields)
    assert.deepEqual([autocomplete, spellcheck], ["off", false], id);
  await leave(page);
});
