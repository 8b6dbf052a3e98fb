/* A browser for tests: Chromium, driven by playwright-core; pages that notice what must not be. */
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { createRequire } from "node:module";

const require = createRequire(`${process.env.BROWSER_TOOLS}/`);
const { chromium } = require("playwright-core");

export const PATIENCE_MS = 120 * 1000;
export const axeSource = require("axe-core").source;

let browser = null;

export async function open() {
  browser = await chromium.launch({ executablePath: process.env.CHROMIUM, args: ["--no-sandbox"] });
}

export async function close() {
  await browser?.close();
}

/* A page of a browser with nothing in it. `faults` has violations of the policy, errors, and
 * requests to anywhere else than `url`. */
export async function visit(url, { options = {}, init = null } = {}) {
  const context = await browser.newContext({ locale: "en-GB", ...options });
  const page = await context.newPage();
  page.setDefaultTimeout(PATIENCE_MS);
  page.faults = [];
  page.on("pageerror", (error) => page.faults.push(`error: ${error.message}`));
  page.on("console", (line) => {
    if (/Content Security Policy|integrity|Trusted/i.test(line.text()))
      page.faults.push(line.text());
  });
  context.on("request", (request) => {
    const to = request.url();
    if (!to.startsWith(new URL(url).origin) && !/^(blob|data|file):/.test(to))
      page.faults.push(`request to ${to}`);
  });
  await page.addInitScript(() => {
    window.violations = [];
    addEventListener("securitypolicyviolation", (event) =>
      window.violations.push(`${event.violatedDirective} ${event.blockedURI}`));
  });
  if (init)
    await page.addInitScript(init);
  await page.goto(url);
  return page;
}

/* Close a page, on which nothing may have happened that must not. */
export async function leave(page) {
  const violations = await page.evaluate(() => window.violations);
  assert.deepEqual([...page.faults, ...violations], []);
  await page.context().close();
}

/* Fill in the form and start. */
export async function begin(page, passphrase, message) {
  await page.fill("#passphrase", passphrase);
  await page.fill("#message", message);
  await page.click("#meet");
  await page.waitForSelector("#run:not([hidden])");
}

/* Once its T1 has its place. */
export async function placed(page) {
  await page.waitForFunction(
    () => /[0-9a-f]{64}/.test(document.querySelector("#run-notes").textContent));
}

/* The messages in its table, once there are so many. */
export async function met(page, count) {
  await page.waitForFunction((wanted) => document.querySelectorAll("#met-rows tr").length >= wanted,
                             count);
  return page.$$eval("#met-rows bdi", (all) => all.map((each) => each.textContent));
}

/* A program with these lines as its standard input. */
export function program(name, args, input = "", extra = {}) {
  const child = spawn(process.env[name], args, { env: { ...process.env, ...extra } });
  const state = { out: "", err: "", child };
  child.stdin.on("error", () => {}); /* it has ended before it has read all */
  child.stdin.end(input);
  const changed = [];
  const wake = () => changed.splice(0).forEach((each) => each());
  child.stdout.on("data", (data) => { state.out += data; wake(); });
  child.stderr.on("data", (data) => { state.err += data; wake(); });
  state.ended = new Promise((resolve) => child.on("close", (code) => { resolve(code); wake(); }));
  /* Until its output has something. */
  state.until = async (pattern) => {
    const late = setTimeout(wake, PATIENCE_MS);
    const endMs = Date.now() + PATIENCE_MS;
    while (!pattern.test(state.out + state.err)) {
      if (child.exitCode !== null || Date.now() >= endMs)
        assert.fail(`${name} did not print ${pattern}:\n${state.out}${state.err}`);
      await new Promise((resolve) => changed.push(resolve));
    }
    clearTimeout(late);
  };
  return state;
}
