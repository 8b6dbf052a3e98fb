// Known answers in node: run_known_answers.mjs MODULE ANSWERS PART..., where a part is `primitives`,
// one section of them, or the number of a session.
import {readFileSync} from "node:fs";
import {webcrypto} from "node:crypto";

import {Reunion} from "../../web/wasm/reunion.js";
import {Score, checkPrimitives, checkSession, sections} from "./known_answers.mjs";

globalThis.crypto ??= webcrypto;

const [module, answers, ...parts] = process.argv.slice(2);
const reunion = await Reunion.load(readFileSync(module));
const all = JSON.parse(readFileSync(answers, "utf8"));
const score = new Score();
for (const part of parts) {
  if (part === "primitives")
    sections.filter((section) => !section.startsWith("ctidh"))
      .forEach((section) => checkPrimitives(reunion, all, section, score));
  else if (sections.includes(part))
    checkPrimitives(reunion, all, part, score);
  else
    checkSession(reunion, all, Number(part), score);
}
for (const failure of score.failed)
  console.error(failure);
console.log(`${score.passed} passed, ${score.failed.length} failed`);
process.exitCode = score.failed.length === 0 && score.passed > 0 ? 0 : 1;
