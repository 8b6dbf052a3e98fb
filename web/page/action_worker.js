/* A Worker that computes: one job a message, one answer {result} or {error} for each. */

const SLICE_TRIES = 32;

/* `Reunion`: the class of the core; `scope`: the Worker's own. */
export function serveActions(Reunion, scope) {
  let core = null;
  let search = null;
  const jobs = {
    public: ({ secret }) => core.derivePublic(secret),
    shared: ({ secret, beta }) => core.deriveShared(secret, beta),
    search({ subject }) {
      search?.close();
      search = core.stampSearch(subject);
      search.madeSoFar = 0;
      return jobs["search-on"]();
    },
    "search-on"() {
      const most = 2 ** 32 - 1; /* whoever asks decides when it is enough */
      const { tries, effort, nonce } = search.run(most, most, SLICE_TRIES);
      const made = tries - search.madeSoFar;
      search.madeSoFar = tries;
      return { made, effort, nonce };
    },
  };
  let loading = null;
  scope.onmessage = async ({ data }) => {
    if (data.job === "load") {
      loading = Reunion.load(data.module).then((loaded) => {
        core = loaded;
      });
      return;
    }
    try {
      await loading;
      scope.postMessage({ result: jobs[data.job](data) });
      data.secret?.fill(0);
    } catch (error) {
      scope.postMessage({ error: String(error.message ?? error) });
    }
  };
}
