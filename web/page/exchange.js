/* One request to a server, over fetch. */
import { Trouble } from "./trouble.js";
import { nonsense, problemOf } from "./answers.js";

const SILENT_MS_MAX = 60 * 1000; /* on top of what the server is asked to wait */

/* What a status means; null: a success. */
function codeOfStatus(status) {
  const codes = {
    200: null, 201: null, 400: "invalid", 405: "invalid", 411: "invalid", 413: "invalid",
    414: "invalid", 415: "invalid", 401: "denied", 403: "denied", 404: "absent", 409: "full",
    410: "expired", 408: "later", 429: "later",
  };
  if (status in codes)
    return codes[status];
  return status >= 500 && status <= 599 ? "later" : "nonsense";
}

/* Seconds or a date, as RFC 9110 has it; 0: nothing that makes sense. */
function retryAfterMs(text, nowMs) {
  if (text === null)
    return 0;
  const ms = /^[0-9]{1,9}$/.test(text) ? Number(text) * 1000 : Date.parse(text) - nowMs;
  return ms > 0 ? ms : 0;
}

async function readBody(response, bytesMax) {
  const body = new Uint8Array(await response.arrayBuffer());
  if (body.length > bytesMax)
    throw nonsense("the answer is too long");
  return body;
}

/* A way to one server. Nothing that tells one client from another is sent: no cookie, no referrer,
 * nothing from a cache; no redirect is followed. */
export class Exchange {
  /* `base`: the server's URL without a slash at its end. */
  constructor(base, stop, fetcher = (...request) => fetch(...request)) {
    this.base = base;
    this.stop = stop;
    this.fetcher = fetcher;
    this.waitedMs = 0;
    this.cut = "no"; /* whether the last request may have been cut off: "no", "maybe", "said" */
  }

  /* Returns: status, headers and body, whatever the status. Throws: "unreachable", "canceled",
   * "nonsense". */
  async send(request) {
    const { path, method = "GET", body, headers = {}, waitMs = 0, bytesMax } = request;
    this.stop.check();
    const begun = performance.now();
    const late = new AbortController();
    const timer = setTimeout(() => late.abort(), waitMs + SILENT_MS_MAX);
    const onStop = () => late.abort();
    this.stop.signal.addEventListener("abort", onStop, { once: true });
    this.cut = "no";
    try {
      const response = await this.fetcher(this.base + path, {
        method, body, headers, signal: late.signal, cache: "no-store", credentials: "omit",
        redirect: "error", referrerPolicy: "no-referrer",
      });
      const bytes = await readBody(response, bytesMax);
      return { status: response.status, headers: response.headers, body: bytes };
    } catch (error) {
      if (this.stop.asked)
        throw new Trouble("canceled");
      if (error instanceof Trouble)
        throw error;
      this.cut = "maybe";
      throw new Trouble("unreachable", "the server does not answer");
    } finally {
      clearTimeout(timer);
      this.stop.signal.removeEventListener("abort", onStop);
      this.waitedMs = performance.now() - begun;
    }
  }

  /* The same, where an answer without success throws a Trouble that has the answer and its
   * problem. */
  async ask(request) {
    const answer = await this.send(request);
    let code = codeOfStatus(answer.status);
    if (code === null)
      return answer;
    const problem = problemOf(answer.body);
    if (problem === null) {
      /* Somebody else's answer: a proxy's. It may be gone tomorrow. */
      if ([408, 504].includes(answer.status))
        this.cut = "said";
      else if (answer.status === 502)
        this.cut = "maybe";
      if (code === "invalid")
        code = "later";
    }
    throw new Trouble(code, `status ${answer.status}`, {
      answer,
      problem,
      retryAfterMs:
        code === "later" ? retryAfterMs(answer.headers.get("Retry-After"), Date.now()) : 0,
    });
  }
}
