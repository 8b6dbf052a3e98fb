/* The page as one file, PAGE, at a server that allows it. The programs are in SERVER_PROGRAM and
 * CLIENT. */
import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";

import { begin, close, leave, met, open, program, visit } from "./browser.mjs";

let folder = "";

before(async () => {
  folder = await mkdtemp(join(tmpdir(), "reunion-web-"));
  await open();
});
after(async () => {
  await close();
  await rm(folder, { recursive: true });
});

/* A server on a database of this name. */
async function serve(name, listen = "127.0.0.1:0", ...flags) {
  const server = program("SERVER_PROGRAM", [
    "--listen", listen, "--metrics-listen", "none", "--db", join(folder, `${name}.db`), ...flags]);
  await server.until(/event="ready"/);
  const address = /address=(\S+)/.exec(server.err)[1];
  return { address, url: `http://${address}/`, stop: async () => {
    server.child.kill();
    await server.ended;
  } };
}

test("the page as a file, at a server that allows it", async () => {
  const server = await serve("file", "127.0.0.1:0", "--page-origin", "null");
  const file = `file://${process.env.PAGE}`;
  const page = await visit(file);
  await page.fill("#server", server.url);
  await begin(page, "tulip-garden-seven", "from a file");
  const client = program("CLIENT", ["--server", server.url, "--duration", "600", "--msg",
                                    "from the line", "--passphrase", "tulip-garden-seven"]);
  await client.until(/from a file/);
  assert.deepEqual(await met(page, 1), ["from the line"]);
  client.child.kill();
  await client.ended;
  const others = page.faults.filter((fault) => !fault.includes(server.address));
  assert.deepEqual(others, []);
  page.faults = [];
  await leave(page);
  await server.stop();
});
