/* Passphrases: making one, and what is doubtful about one that was typed. */
import { randomBelow } from "./bytes.js";
import { words } from "./words.js";

const WORDS = 8;
const SHORT_CHARACTERS = 8;
const SHORT_OF_ONE_KIND = 12;

export function generatePhrase() {
  return Array.from({ length: WORDS }, () => words[randomBelow(words.length)]).join("-");
}

const LOOKS = [
  ["doubtEdge", /^[\s\ufeff]|[\s\ufeff]$/u],
  ["doubtBlanks", / {2}|[\u00a0\u1680\u2000-\u200a\u202f\u205f\u3000]/u],
  ["doubtControl", /\p{Cc}/u],
  ["doubtUnseen", /\p{Cf}/u],
  ["doubtQuotes", /[\u2018-\u201f\u2039\u203a\u00ab\u00bb\u00b4\u0060\u2032\u2033\u02bc]/u],
  ["doubtDashes", /[\u2010-\u2015\u2212\u00ad\ufe58\ufe63\uff0d]/u],
];

function isDecomposed(phrase) {
  return phrase.normalize("NFC") !== phrase;
}

function hasForms(phrase) {
  return [...phrase.normalize("NFC")].some(
    (each) => !/\s/u.test(each) && each.normalize("NFKC") !== each);
}

/* Letters of two scripts in one word, or words of Greek and Cyrillic that are drawn like Latin. */
function mixesScripts(phrase) {
  const scripts = [/\p{Script=Latin}/u, /\p{Script=Greek}/u, /\p{Script=Cyrillic}/u];
  const mixed = phrase.split(/[^\p{L}\p{M}]+/u).some(
    (word) => scripts.filter((script) => script.test(word)).length > 1);
  const others = phrase.replace(/[^\p{Script=Greek}\p{Script=Cyrillic}]/gu, "");
  return mixed ||
    (others !== "" && /^[аеорсхуіјѕԁһвкмнтАВЕКМНОРСТХУІЈЅΑΒΕΖΗΙΚΜΝΟΡΤΥΧορνυ]+$/u.test(others));
}

/* What is to be said of generated ones: null, "doubtRetyped" or "doubtMistyped". */
function generatedDoubt(phrase) {
  const list = new Set(words);
  const parts = phrase.toLowerCase().split(/[^a-z]+/).filter((part) => part !== "");
  const listed = parts.filter((part) => list.has(part)).length;
  if (parts.length === WORDS && listed === WORDS)
    return phrase === parts.join("-") ? null : "doubtRetyped";
  const near = Math.abs(parts.length - WORDS) <= 1;
  return near && listed >= (phrase.includes("-") ? 5 : WORDS - 1) ? "doubtMistyped" : null;
}

function isShort(phrase) {
  const characters = [...phrase].length;
  const oneKind = /^[0-9]*$/.test(phrase) || /^\p{L}*$/u.test(phrase);
  return characters < SHORT_CHARACTERS || (oneKind && characters < SHORT_OF_ONE_KIND);
}

/* Names of strings about what may keep people apart, or be guessed. The bytes of a passphrase
 * count, and nothing here changes them. */
export function phraseDoubts(phrase) {
  if (phrase === "")
    return [];
  const doubts = LOOKS.filter(([, look]) => look.test(phrase)).map(([name]) => name);
  if (isDecomposed(phrase))
    doubts.push("doubtDecomposed");
  if (hasForms(phrase))
    doubts.push("doubtForms");
  if (mixesScripts(phrase))
    doubts.push("doubtScripts");
  const generated = generatedDoubt(phrase);
  if (generated)
    doubts.push(generated);
  if (isShort(phrase))
    doubts.push("doubtShort");
  return doubts;
}
