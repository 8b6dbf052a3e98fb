/* The page: its forms, and the one run there is at a time. */
import { utf8 } from "./bytes.js";
import { hasSimd } from "../wasm/reunion.js";
import { Client, hasWasm } from "./client.js";
import { generatePhrase, phraseDoubts } from "./phrase.js";
import { qrImage } from "./qr.js";
import { RunView, createdParts } from "./run_view.js";
import { copyText, copyable, find, make, showAlert } from "./show.js";
import { drawStayS } from "./stay.js";
import { choose, languages, setLanguage, text } from "./strings.js";

const MESSAGE_BYTES_MAX = 96;
const LINK_BYTES_MAX = 238;
const TABS = ["meet", "create", "open"];

/* The page as a file names its server in a field; from a server it is that server. */
const isFile = !["http:", "https:"].includes(location.protocol);
const view = new RunView();
let running = false;
let left = false;
let linkPassphrase = ""; /* of the link that is being created, if it goes another way */
const client = new Client(takeEvent);

/* Languages */

function translate(code) {
  setLanguage(code);
  document.documentElement.lang = code;
  document.documentElement.dir = languages[code].dir;
  for (const element of document.querySelectorAll("[data-text]"))
    element.textContent = text(element.dataset.text);
  find("reveal").textContent = text(isShown() ? "hide" : "show");
  find("language").value = code;
  countBytes("message", MESSAGE_BYTES_MAX);
  countBytes("link", LINK_BYTES_MAX);
  showDoubts("passphrase", "passphrase-doubts");
  showDoubts("link-passphrase", "link-doubts");
}

/* Fields */

function isShown() {
  return find("passphrase").classList.contains("shown");
}

function showPhrase(shown) {
  for (const field of document.querySelectorAll(".secret"))
    field.classList.toggle("shown", shown);
  find("reveal").setAttribute("aria-pressed", String(shown));
  find("reveal").textContent = text(shown ? "hide" : "show");
}

function countBytes(id, most) {
  const used = utf8(find(id).value).length;
  find(`${id}-bytes`).textContent = used > most
    ? text("bytesOver", { used, most, over: used - most }) : text("bytes", { used, most });
  find(id).setAttribute("aria-invalid", String(used > most));
  return used <= most;
}

function showDoubts(id, to) {
  const doubts = phraseDoubts(find(id).value);
  find(to).replaceChildren();
  if (doubts.length > 0)
    find(to).append(text("doubtsTitle"),
                    make("ul", {}, ...doubts.map((each) => make("li", {}, text(each)))));
}

function hidePhraseOutput() {
  find("phrase-output").hidden = true;
  find("phrase-output").replaceChildren();
}

function showPhraseOutput(...children) {
  find("phrase-output").replaceChildren(...children);
  find("phrase-output").hidden = false;
}

function complain(key, id) {
  showAlert(text(key));
  find(id).focus();
  return null;
}

/* Returns: the server's URL without a slash at its end, or null after a complaint. */
function serverUrl() {
  if (!isFile)
    return location.origin;
  try {
    const url = new URL(find("server").value);
    if (["http:", "https:"].includes(url.protocol))
      return url.origin + url.pathname.replace(/\/+$/, "");
  } catch { /* the complaint is below */ }
  return complain("noServer", "server");
}

function select(tab, focus = false) {
  for (const name of TABS) {
    const chosen = name === tab;
    find(`tab-${name}`).setAttribute("aria-selected", String(chosen));
    find(`tab-${name}`).tabIndex = chosen ? 0 : -1;
    find(`panel-${name}`).hidden = !chosen;
  }
  if (focus)
    find(`tab-${tab}`).focus();
  showAlert("");
}

function moveTab(event, name) {
  const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
  const rtl = document.documentElement.dir === "rtl" ? -1 : 1;
  const at = { Home: 0, End: TABS.length - 1 }[event.key] ??
    (step ? (TABS.indexOf(name) + step * rtl + TABS.length) % TABS.length : null);
  if (at === null)
    return;
  event.preventDefault();
  select(TABS[at], true);
}

/* Runs */

function show(isRunning) {
  find("tabs").hidden = isRunning;
  find("server-field").hidden = isRunning || !isFile;
  for (const name of TABS)
    find(`panel-${name}`).hidden =
      isRunning || find(`tab-${name}`).getAttribute("aria-selected") !== "true";
}

/* Nothing that was typed stays in the fields. */
function clearFields() {
  for (const id of ["passphrase", "message", "link", "link-passphrase", "invitation",
                    "open-passphrase"])
    find(id).value = "";
  hidePhraseOutput();
  showPhrase(false);
}

async function start(job, shown) {
  running = true;
  left = false;
  showAlert("");
  clearFields();
  show(true);
  view.begin(shown);
  find("run-status").tabIndex = -1;
  find("run-status").focus();
  try {
    await client.run(job);
  } catch (error) {
    takeEvent({ kind: "ended", code: "failed", reason: String(error.message ?? error) });
  }
}

function meet() {
  const passphrase = find("passphrase").value;
  const message = find("message").value;
  const bucket = find("bucket").value.trim();
  if (passphrase === "")
    return complain("noPhrase", "passphrase");
  if (message.trim() === "")
    return complain("noMessage", "message");
  if (!countBytes("message", MESSAGE_BYTES_MAX))
    return find("message").focus();
  if (bucket !== "" && !/^[0-9a-f]{64}$/.test(bucket))
    return complain("badBucket", "bucket");
  const server = serverUrl();
  if (!server)
    return null;
  const stayS = drawStayS();
  return start({ do: "meet", server, passphrase: utf8(passphrase), message: utf8(message), bucket,
                 place: find("place").value, stayS },
               { status: text("opening"), stayMs: Date.now() + stayS * 1000,
                 own: message.replace(/ +$/, "") });
}

function create() {
  const link = find("link").value;
  if (link.trim() === "")
    return complain("noLink", "link");
  if (!countBytes("link", LINK_BYTES_MAX))
    return find("link").focus();
  const server = serverUrl();
  if (!server)
    return null;
  const passphrase = find("link-passphrase").value || generatePhrase();
  const separate = find("separate").checked;
  linkPassphrase = separate ? passphrase : "";
  return start({ do: "create-link", server, link: utf8(link), passphrase, separate },
               { status: text("creating"), stayMs: 0, own: "" });
}

/* The address in an invitation, as far as it can be read here; "" otherwise. */
function serverOfInvitation(invitation) {
  const found = /[?&]server=([^&#]*)/.exec(invitation);
  try {
    return found ? decodeURIComponent(found[1]).replace(/\/+$/, "") : "";
  } catch {
    return "";
  }
}

function open() {
  const invitation = find("invitation").value.trim();
  if (invitation === "")
    return complain("noInvitation", "invitation");
  const passphrase = find("open-passphrase").value;
  if (!invitation.includes("#") && passphrase === "")
    return complain("noPhrase", "open-passphrase");
  const server = serverOfInvitation(invitation);
  if (!isFile && server !== "" && server !== location.origin) {
    showAlert(text("failedInvitationServer", { server }));
    return null;
  }
  return start({ do: "open-link", invitation, passphrase },
               { status: text("reading"), stayMs: 0, own: "" });
}

function takeResult(event) {
  if (event.kind === "link-created") {
    const page = linkPassphrase || isFile ? "" : `${location.origin}/#${event.invitation}`;
    view.result(...createdParts(event.invitation, linkPassphrase, event.expires, page),
                qrImage(event.invitation));
    linkPassphrase = "";
  } else {
    view.result(make("p", {}, text("openedLink")),
                copyable(new TextDecoder().decode(event.link)),
                make("p", { className: "help" }, text("openedHelp")));
    event.link.fill(0);
  }
}

function takeEvent(event) {
  if (["link-created", "link-opened"].includes(event.kind)) {
    takeResult(event);
  } else if (["done", "ended"].includes(event.kind)) {
    const wasRunning = running;
    running = false;
    client.end();
    if (wasRunning)
      view.end(event, left);
    else
      showAlert(text("failedOther", { reason: event.reason }));
  } else if (running) {
    view.take(event);
  }
}

function leave() {
  if (find("leave-help").hidden && view.met.length > 0) {
    find("leave-help").hidden = false;
    find("leave-help").textContent = text("leaveHelp");
    find("leave").textContent = text("leaveSure");
    return;
  }
  left = true;
  client.leave();
}

function again() {
  view.clear();
  find("leave").textContent = text("leave");
  show(false);
  find("tabs").querySelector("[aria-selected=true]").focus();
  client.begin().catch(() => {});
}

/* What stands behind # is taken and removed from the address: it is a secret. */
function takeFragment() {
  const fragment = location.hash.slice(1);
  if (!/^(reunion-link:|meet=)/.test(fragment))
    return;
  history.replaceState(null, "", location.pathname + location.search);
  if (fragment.startsWith("meet=")) {
    select("meet");
    try {
      find("passphrase").value = decodeURIComponent(fragment.slice("meet=".length));
    } catch { /* no text: nothing is filled in */ }
    showDoubts("passphrase", "passphrase-doubts");
    return;
  }
  select("open");
  find("invitation").value = fragment;
  if (fragment.includes("#"))
    open();
}

function listen() {
  find("language").addEventListener("change", () => translate(find("language").value));
  for (const name of TABS) {
    find(`tab-${name}`).addEventListener("click", () => select(name));
    find(`tab-${name}`).addEventListener("keydown", (event) => moveTab(event, name));
  }
  const submits = { "meet-form": meet, "create-form": create, "open-form": open };
  for (const [id, act] of Object.entries(submits))
    find(id).addEventListener("submit", (event) => {
      event.preventDefault();
      act();
    });
  find("passphrase").addEventListener("input", () => {
    hidePhraseOutput();
    showDoubts("passphrase", "passphrase-doubts");
  });
  find("link-passphrase").addEventListener("input",
                                           () => showDoubts("link-passphrase", "link-doubts"));
  find("message").addEventListener("input", () => countBytes("message", MESSAGE_BYTES_MAX));
  find("link").addEventListener("input", () => countBytes("link", LINK_BYTES_MAX));
  find("leave").addEventListener("click", leave);
  find("again").addEventListener("click", again);
  window.addEventListener("hashchange", () => running || takeFragment());
  window.addEventListener("beforeunload", (event) => {
    if (running)
      event.preventDefault();
  });
  window.addEventListener("pagehide", () => {
    clearFields();
    view.clear();
    client.end();
  });
}

function listenToPhrase() {
  find("generate").addEventListener("click", () => {
    find("passphrase").value = generatePhrase();
    showPhrase(true);
    hidePhraseOutput();
    showDoubts("passphrase", "passphrase-doubts");
    find("passphrase").focus();
  });
  find("reveal").addEventListener("click", () => showPhrase(!isShown()));
  const withPhrase = (act) => () => {
    const phrase = find("passphrase").value;
    if (phrase === "")
      complain("noPhrase", "passphrase");
    else
      act(phrase);
  };
  const shared = (phrase) => `${location.origin}/#meet=${encodeURIComponent(phrase)}`;
  find("copy-phrase").addEventListener("click", withPhrase(
    (phrase) => copyText(phrase, find("copy-phrase"))));
  find("qr-phrase").addEventListener("click", withPhrase(
    (phrase) => showPhraseOutput(qrImage(phrase))));
  find("share-phrase").addEventListener("click", withPhrase((phrase) => showPhraseOutput(
    make("p", {}, text("shareHelp")), copyable(shared(phrase)), qrImage(shared(phrase)))));
}

function begin() {
  for (const [code, { strings }] of Object.entries(languages))
    find("language").append(make("option", { value: code, lang: code }, strings.language));
  translate(choose(navigator.languages ?? [navigator.language]));
  listen();
  listenToPhrase();
  find("server-field").hidden = !isFile;
  find("share-phrase").hidden = isFile;
  if (!hasWasm()) {
    showAlert(text("noWasm"));
    for (const id of ["meet", "create", "open"])
      find(id).disabled = true;
    return;
  }
  if (!hasSimd())
    showAlert(text("noSimd"));
  client.begin().catch((error) =>
    showAlert(text("failedOther", { reason: String(error.message ?? error) })));
  takeFragment();
}

begin();
