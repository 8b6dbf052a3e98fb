/* The page's side of the Worker with the session: one run, from the first key to the end. */
import { hasSimd } from "../wasm/reunion.js";

/* Where the parts are: files of the server, each fetched with its hash, or in the page itself. */
async function partBytes(part) {
  if (part.element)
    return Uint8Array.from(atob(part.element.textContent.trim()), (each) => each.charCodeAt(0));
  const response = await fetch(part.path, { integrity: part.integrity, credentials: "omit" });
  if (!response.ok)
    throw new Error(`${part.path}: status ${response.status}`);
  return new Uint8Array(await response.arrayBuffer());
}

/* By the elements of the document that name them: <link data-part="worker" href=… integrity=…> or
 * <script data-part="worker" type="text/plain">. */
function findPart(name) {
  const found = document.querySelector(`[data-part="${name}"]`);
  return found.tagName === "SCRIPT" ? { element: found }
                                    : { path: found.href, integrity: found.integrity };
}

export function hasWasm() {
  return typeof WebAssembly === "object" && typeof WebAssembly.validate === "function";
}

/* Each run has a Worker of its own, whose memory is overwritten when it ends. */
export class Client {
  constructor(onEvent) {
    this.onEvent = onEvent;
    this.worker = null;
    this.loading = null;
  }

  /* Get the parts and begin what can be done before anything was typed. */
  begin() {
    this.loading ??= this.load();
    return this.loading;
  }

  async load() {
    const [script, bytes] = await Promise.all(
      [findPart("worker"), findPart(hasSimd() ? "wasm-simd" : "wasm")].map(partBytes));
    const url = URL.createObjectURL(new Blob([script], { type: "text/javascript" }));
    this.worker = new Worker(url);
    this.worker.onmessage = ({ data }) => this.onEvent(data);
    this.worker.onerror = (event) =>
      this.onEvent({ kind: "ended", code: "failed", reason: event.message ?? "the Worker failed" });
    const cores = Math.min(Math.max(navigator.hardwareConcurrency ?? 1, 1), 16);
    this.worker.postMessage({ do: "load", bytes, script, cores });
  }

  async run(job) {
    await this.begin();
    this.worker.postMessage(job);
    job.passphrase?.fill?.(0);
  }

  leave() {
    this.worker?.postMessage({ do: "leave" });
  }

  /* The run is over: its Worker ends, and the next one begins anew. */
  end() {
    this.worker?.terminate();
    this.worker = this.loading = null;
  }
}
