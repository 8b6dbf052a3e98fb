/* Putting things into the document, always as text. */
import { text } from "./strings.js";

export const find = (id) => document.getElementById(id);

/* An element with these properties and children. */
export function make(name, properties = {}, ...children) {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(properties))
    if (key in made)
      made[key] = value;
    else
      made.setAttribute(key, value);
  made.append(...children);
  return made;
}

/* What has no look of its own, or changes the order of what stands around it: control characters,
 * those of no width and of direction. */
const UNSEEN = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Co}\p{Cn}]/u;

/* A text of somebody else: nothing in it is interpreted, it does not turn the order of what stands
 * around it, and what cannot be seen is named. */
export function foreignText(shown) {
  const made = make("bdi", { dir: "auto" });
  let plain = "";
  for (const character of shown) {
    if (!UNSEEN.test(character)) {
      plain += character;
      continue;
    }
    const code = `U+${character.codePointAt(0).toString(16).toUpperCase().padStart(4, "0")}`;
    const title = text("characterNamed", { code });
    made.append(plain, make("span", { className: "unseen", title }, code));
    plain = "";
  }
  made.append(plain);
  return made;
}

/* A message as it came: without the spaces that pad it. */
export function messageText(bytes) {
  return new TextDecoder("utf-8", { ignoreBOM: true }).decode(bytes).replace(/ +$/, "");
}

export function timeText(ms, withDay = false) {
  const day = withDay ? { dateStyle: "medium" } : {};
  return new Intl.DateTimeFormat(document.documentElement.lang, { timeStyle: "short", ...day })
    .format(ms);
}

export function spanText(ms) {
  const seconds = Math.max(Math.ceil(ms / 1000), 1);
  return seconds < 120 ? text("seconds", { count: seconds })
                       : text("minutes", { count: Math.ceil(seconds / 60) });
}

/* Show an error where screen readers notice it; "" removes it. */
export function showAlert(shown) {
  find("alert").textContent = shown;
}

export async function copyText(copied, button) {
  try {
    await navigator.clipboard.writeText(copied);
  } catch { /* not permitted: without https, or in an old browser */
    const area = make("textarea", { value: copied, autocomplete: "off" });
    document.body.append(area);
    area.select();
    document.execCommand("copy");
    area.value = "";
    area.remove();
  }
  const before = button.textContent;
  button.textContent = text("copied");
  setTimeout(() => {
    button.textContent = before;
  }, 1500);
}

/* A value with a button that copies it. */
export function copyable(shown) {
  const button = make("button", { type: "button" }, text("copy"));
  button.addEventListener("click", () => copyText(shown, button));
  const value = make("span", { className: "value", translate: false });
  value.append(foreignText(shown));
  return make("div", {}, value, make("p", { className: "buttons" }, button));
}
