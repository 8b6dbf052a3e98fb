/* What can go wrong between the page and a server, as one kind of error with a code. */

/* Codes:
 *
 *   unreachable  no answer
 *   later        asked to come later, see `retryAfterMs`
 *   nonsense     an answer that makes no sense
 *   invalid      the request was refused as wrong
 *   absent       what was asked for is not there
 *   expired      it is past its lifetime
 *   full         it takes no more
 *   denied       it is somebody else's
 *   unpaid       a T1 or a link needs a stamp that is worth more
 *   refused      this side refuses the server
 *   canceled     asked to stop
 */
export class Trouble extends Error {
  constructor(code, message, more = {}) {
    super(message || code);
    this.name = "Trouble";
    this.code = code;
    this.retryAfterMs = 0;
    Object.assign(this, more);
  }
}

export function codeOf(error) {
  if (error instanceof Trouble)
    return error.code;
  throw error;
}
