/* What a run shows: its status, how far the work is, whom one met, a result, and how it ended. */
import { toHex } from "./bytes.js";
import { copyable, find, foreignText, make, messageText, spanText, timeText } from "./show.js";
import { text } from "./strings.js";

const NOTES = {
  "window-crowded": () => text("windowCrowded"),
  crowded: () => text("crowded"),
  "named-closed": () => text("namedClosed"),
  away: () => text("away"),
  back: () => text("back"),
  lost: () => text("lost"),
  renewed: () => text("renewed"),
  "place-sparse": ({ others }) => text("placeSparse", { others }),
};

/* Why a run ended, by the code of its Trouble, or of the core's error. */
function endText({ code, verdict, effort, clockAheadS, reason, server }) {
  const texts = {
    unreachable: () => text("failedUnreachable"),
    nonsense: () => text("failedNonsense"),
    later: () => text("failedUnreachable"),
    absent: () => text("failedLinkGone"),
    expired: () => text("failedLinkGone"),
    ENOENT: () => text("failedLinkAbsent"),
    EBADMSG: () => text("failedInvitation"),
    ENOTSUP: () => text("failedInvitationVersion"),
    ENOMEM: () => text("failedMemory"),
    "other-server": () => text("failedInvitationServer", { server }),
    refused: () => effort > 0 ? text("failedEffort")
      : verdict === "named-gone" ? text("failedNamed")
      : Math.abs(clockAheadS ?? 0) > 300 ? text("failedClock", { seconds: Math.abs(clockAheadS) })
      : text("failedRefused", { reason }),
  };
  return (texts[code] ?? (() => text("failedOther", { reason })))();
}

export class RunView {
  /* Show a run that begins. `stayMs`: when it ends, or 0; `own`: the message as typed. */
  begin({ status, stayMs, own }) {
    this.met = [];
    this.sessionMessages = new Map();
    this.own = own;
    this.noted = new Set();
    for (const id of ["run-notes", "met-rows", "result", "leave-help"])
      find(id).replaceChildren();
    for (const id of ["met", "result", "run-bar-line", "again", "leave-help"])
      find(id).hidden = true;
    find("leave").hidden = false;
    find("run").hidden = false;
    find("run-staying").textContent = stayMs > 0 ? text("staying", { time: timeText(stayMs) }) : "";
    this.status(status);
  }

  status(shown) {
    if (find("run-status").textContent !== shown)
      find("run-status").textContent = shown;
  }

  note(shown) {
    find("run-notes").append(make("p", {}, shown));
  }

  progress({ others, met, queued, leftMs }) {
    const all = met + queued;
    find("run-bar-line").hidden = all === 0;
    find("run-bar").max = Math.max(all, 1);
    find("run-bar").value = met;
    if (others === 0)
      this.status(text("progressNone"));
    else if (queued > 0 && leftMs !== null)
      this.status(text("progressLeft", { met, all, left: spanText(leftMs) }));
    else
      this.status(text("progress", { met, all }));
  }

  /* A message of somebody. The same again in one session counts once, as most likely it is the same
   * person. */
  revealed(bytes) {
    const key = toHex(bytes);
    const shown = messageText(bytes);
    bytes.fill(0);
    const before = this.sessionMessages.get(key);
    const number = before ?? this.met.length + 1;
    const row = make("tr", {}, make("td", {}, String(number)),
                     make("td", {}, timeText(Date.now())));
    const cell = make("td", {}, foreignText(shown));
    if (before)
      cell.append(" (", text("metAgain", { number }), ")");
    row.append(cell);
    find("met-rows").append(row);
    find("met").hidden = false;
    if (before)
      return;
    this.sessionMessages.set(key, number);
    this.met.push(shown);
    const note = make("p");
    const [head, tail] = text("metNew", { message: "\u0000" }).split("\u0000");
    note.append(head, foreignText(shown), tail);
    find("run-notes").append(note);
    if (shown === this.own)
      this.note(text("metOwn"));
    if (this.met.length > 1)
      this.note(text("metMany", { count: this.met.length }));
  }

  /* Show what a run has made. */
  result(...children) {
    find("result").replaceChildren(...children);
    find("result").hidden = false;
  }

  take(event) {
    if (event.kind === "opened") {
      this.sessionMessages.clear();
      this.status(text("opened"));
    } else if (event.kind === "placed") {
      this.note(text("waiting", { bucket: toHex(event.bucket) }));
      this.status(text("progressNone"));
    } else if (event.kind === "progress") {
      this.progress(event);
    } else if (event.kind === "paying") {
      this.status(text("paying", { left: spanText(event.leftMs) }));
    } else if (event.kind === "revealed") {
      this.revealed(event.message);
    } else if (event.kind in NOTES) {
      this.note(NOTES[event.kind](event));
    }
  }

  /* The run is over, with what its Worker said last. `left`: the person has left. */
  end(event, left) {
    find("leave").hidden = true;
    find("leave-help").hidden = true;
    find("again").hidden = false;
    find("run-bar-line").hidden = true;
    find("run-staying").textContent = "";
    if (left)
      this.status(text("left"));
    else if (event.code === "canceled")
      this.status(this.met.length > 0 ? text("doneMet", { count: this.met.length })
                                      : text("doneNobody"));
    else
      this.status(event.kind === "done" ? "" : endText(event));
    find("again").focus();
  }

  /* Remove everything that was shown. */
  clear() {
    this.met = [];
    this.own = "";
    for (const id of ["run-notes", "met-rows", "result", "run-status"])
      find(id).replaceChildren();
    find("run").hidden = true;
  }
}

/* What is shown of a private link that was posted. */
export function createdParts(invitation, passphrase, expires, page) {
  const parts = [make("p", {}, text("created", { time: timeText(expires * 1000, true) })),
                 copyable(invitation)];
  if (passphrase)
    parts.push(make("p", {}, text("createdPassphrase")), copyable(passphrase));
  if (page)
    parts.push(make("p", {}, text("createdPage")), copyable(page));
  return parts;
}
