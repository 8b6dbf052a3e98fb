/* The page in Chromium, at the server whose URL is in SERVER, beside our programs. */
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";

import { begin, close, leave, met, open, placed, program, visit } from "./browser.mjs";

const url = `${process.env.SERVER}/`;
const NASTY = "<img src=x onerror=alert(1)>\u202e\u0007<script>alert(2)</script>&amp;";

before(open);
after(close);

function client(passphrase, message) {
  return program("CLIENT", ["--server", process.env.SERVER, "--duration", "600", "--msg", message,
                            "--passphrase", passphrase]);
}

test("browsers and a command line meet, and nobody with another phrase", async () => {
  const alice = await visit(url);
  const bob = await visit(url);
  const carol = await visit(url);
  const dave = client("tulip-garden-seven", NASTY.replace("\u0007", ""));
  await begin(alice, "tulip-garden-seven", "from Alice");
  await begin(bob, "tulip-garden-seven", "von Bob ü€😀");
  await begin(carol, "another-phrase-9", "from Carol");
  await placed(carol);
  assert.deepEqual((await met(alice, 2)).sort(),
                   ["<img src=x onerror=alert(1)>U+202E<script>alert(2)</script>&amp;",
                    "von Bob ü€😀"]);
  assert.equal((await met(bob, 2)).includes("from Alice"), true);
  await dave.until(/from Alice/);
  await dave.until(/von Bob ü€😀/);
  assert.match(await alice.textContent("#run-notes"), /somebody else knows the passphrase/);
  assert.deepEqual(await alice.$$("#run img, #run script"), []);
  await carol.waitForFunction(
    () => /3 of 3 people looked at/.test(document.querySelector("#run-status").textContent));
  assert.deepEqual(await carol.$$("#met-rows tr"), []);
  await secretsAreNowhere(alice, ["tulip", "from Alice"]);
  dave.child.kill();
  await dave.ended;
  await leaving(alice);
  for (const page of [alice, bob, carol])
    await leave(page);
});

/* Neither in fields, storage, addresses, nor in the text of the page. */
async function secretsAreNowhere(page, secrets) {
  const found = await page.evaluate(async () => ({
    fields: [...document.querySelectorAll("input, textarea")].map((each) => each.value).join(),
    storage: JSON.stringify([{ ...localStorage }, { ...sessionStorage }, document.cookie,
                             await indexedDB.databases(), await caches.keys()]),
    address: location.href + JSON.stringify(history.state) + document.title,
    text: document.body.innerHTML,
  }));
  assert.equal(found.storage, '[{},{},"",[],[]]');
  for (const secret of secrets)
    for (const [place, content] of Object.entries(found))
      assert.equal(content.includes(secret), false, `${secret} is in ${place}`);
}

/* Whoever has met somebody is asked before leaving early. */
async function leaving(page) {
  await page.click("#leave");
  assert.match(await page.textContent("#leave-help"), /may show that you met/);
  await page.click("#leave");
  await page.waitForFunction(
    () => document.querySelector("#run-status").textContent === "You have left.");
  await page.click("#again");
  assert.equal(await page.isVisible("#meet-form"), true);
  assert.deepEqual(await page.$$("#met-rows tr"), []);
}

test("a private link from the browser to the command line", async () => {
  const page = await visit(url);
  await page.click("#tab-create");
  await page.fill("#link", "https://chat.example/join?x=<b>");
  await page.click("#create");
  await page.waitForSelector("#result .value");
  const [invitation, again] =
    await page.$$eval("#result .value", (all) => all.map((each) => each.textContent));
  assert.match(invitation,
               /^reunion-link:v1\?server=.*&bucket=[0-9a-f]{64}&salt=[0-9a-f]{32}#[a-z-]+$/);
  assert.equal(again, `${url}#${invitation}`);
  const opened = program("LINK", ["open"], `${invitation}\n`);
  assert.equal(await opened.ended, 0, opened.err);
  assert.equal(opened.out, "https://chat.example/join?x=<b>\n");
  await leave(page);
});

test("a private link from the command line to the browser", async () => {
  const made = program("LINK", ["create", "--server", process.env.SERVER],
                       `${NASTY.slice(0, 28)}\n`);
  assert.equal(await made.ended, 0, made.err);
  const page = await visit(`${url}#${made.out.trim()}`);
  await page.waitForSelector("#result .value");
  assert.equal(await page.textContent("#result .value"), NASTY.slice(0, 28));
  assert.equal(page.url(), url);
  await secretsAreNowhere(page, [made.out.trim().split("#")[1]]);
  await leave(page);
});

test("an invitation of another server, and what is none", async () => {
  const page = await visit(url);
  const other = "reunion-link:v1?server=https://other.example" +
    `&bucket=${"0".repeat(64)}&salt=${"0".repeat(32)}#x`;
  await page.click("#tab-open");
  await page.fill("#invitation", other);
  await page.click("#open");
  assert.match(await page.textContent("#alert"),
               /for another server. Open it there: https:\/\/other.example/);
  await page.fill("#invitation", "reunion-link:v1?nonsense#x");
  await page.click("#open");
  await page.waitForFunction(
    () => /no complete|not a complete/.test(document.querySelector("#run-status").textContent));
  await leave(page);
});

test("passphrases that look alike are warned of", async () => {
  const page = await visit(url);
  const cases = {
    "caf\u00e9-terrasse-9": null, "cafe\u0301-terrasse-9": /accent as a character of its own/,
    " tulip garden 9": /begins or ends with a blank/, "tulip  garden 9": /several blanks/,
    "tulip\u2019s garden": /quotation marks/, "tulip\u2013garden": /a dash other than -/,
    "tulip\u200bgarden": /that nobody sees/, "p\u0430ssage-nine": /of another script/,
    "\uff54ulip-garden": /forms of others/, abc: /short/,
    "Abandon ability able about above absent absorb abstract": /in another spelling/,
    "abandon-ability-able-about-above-absent-absorb-abstrac": /with a slip/,
  };
  for (const [phrase, warning] of Object.entries(cases)) {
    await page.fill("#passphrase", phrase);
    assert.match(await page.textContent("#passphrase-doubts"), warning ?? /^$/, phrase);
  }
  await page.click("#generate");
  assert.match(await page.inputValue("#passphrase"), /^([a-z]{3,8}-){7}[a-z]{3,8}$/);
  assert.equal(await page.textContent("#passphrase-doubts"), "");
  await leave(page);
});

test("what is too long, and what lacks", async () => {
  const page = await visit(url);
  await page.click("#meet");
  assert.equal(await page.textContent("#alert"), "Type or generate a passphrase.");
  await page.fill("#passphrase", "tulip-garden-seven");
  await page.click("#meet");
  assert.equal(await page.textContent("#alert"), "Type a message.");
  await page.fill("#message", "ü".repeat(49));
  assert.equal(await page.textContent("#message-bytes"), "98 of 96 bytes: 2 too many");
  await page.click("#meet");
  assert.equal(await page.isVisible("#meet-form"), true);
  await leave(page);
});

test("without WebAssembly, and without its SIMD", async () => {
  const none = await visit(url, { init: () => delete globalThis.WebAssembly });
  assert.match(await none.textContent("#alert"), /has no WebAssembly/);
  assert.equal(await none.isDisabled("#meet"), true);
  await leave(none);
  const old = await visit(url, { init: () => { WebAssembly.validate = () => false; } });
  assert.match(await old.textContent("#alert"), /no SIMD/);
  await leave(old);
});

test("a link with the passphrase in it, and its code", async () => {
  const page = await visit(`${url}#meet=tulip%20garden`);
  assert.equal(await page.inputValue("#passphrase"), "tulip garden");
  assert.equal(page.url(), url);
  await page.click("#share-phrase");
  assert.equal(await page.textContent("#phrase-output .value"), `${url}#meet=tulip%20garden`);
  assert.match(await page.textContent("#phrase-output"),
               /Whoever sees the link knows the passphrase/);
  const picture = join(tmpdir(), "reunion-code.png");
  await page.locator("#phrase-output canvas").screenshot({ path: picture });
  const read = execFileSync("zbarimg", ["--raw", "--quiet", picture], { stdio: "pipe" });
  assert.equal(read.toString(), `${url}#meet=tulip%20garden\n`);
  await leave(page);
});
