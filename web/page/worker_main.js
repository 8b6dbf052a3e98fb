/* What a Worker of the page runs: the session, or (by its name) group actions. */
import { Reunion, betaOf } from "../wasm/reunion.js";
import { serveActions } from "./action_worker.js";
import { serveSession } from "./session_worker.js";

if (self.name === "actions")
  serveActions(Reunion, self);
else
  serveSession(Reunion, betaOf, self);
