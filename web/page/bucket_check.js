/* Checks whether a bucket can be one that everybody is offered. */

/* A server that gave each client a bucket of its own would have to show it in the bucket's time,
 * its sequence number or a link that is not the hash of both. Times are on a grid: a bucket's is
 * the beginning of its window. Of T1s the number is no ground for refusal; of private links it is.
 * */
const TOLERANCE_S = 300;
const SEQUENCE_MAX = 16;
const LINK_WINDOW_S = 3600;
const WINDOWS_S = [600, 1200, 1800, 3600];

/* Each returns null (good) or a verdict: "elsewhere", "future", "window-odd", "too-old",
 * "off-grid", "sequence-high", "not-current", "hash-wrong". */

/* A bucket somebody else chose, whatever its age. */
export function checkStanding(bucket, nowS) {
  if (!bucket.hashFits)
    return "elsewhere";
  return bucket.created > nowS + TOLERANCE_S ? "future" : null;
}

function isOver(bucket, windowS, askedS) {
  return bucket.created + windowS + TOLERANCE_S < askedS;
}

/* The one our T1 was put in, having been offered first at `askedS`. */
export function checkOwn(bucket, windowS, askedS, nowS) {
  const verdict = checkStanding(bucket, nowS);
  if (verdict)
    return verdict;
  if (!WINDOWS_S.includes(windowS))
    return "window-odd";
  if (isOver(bucket, windowS, askedS))
    return "too-old";
  return bucket.created % windowS === 0 ? null : "off-grid";
}

export function isCrowded(bucket) {
  return bucket.sequence > SEQUENCE_MAX;
}

/* A bucket of private links, whatever its age. */
export function checkLinks(bucket, nowS) {
  const verdict = checkStanding(bucket, nowS);
  if (verdict)
    return verdict;
  if (bucket.sequence > SEQUENCE_MAX)
    return "sequence-high";
  return bucket.created % LINK_WINDOW_S === 0 ? null : "off-grid";
}

/* The one that a private link was put in. */
export function checkOwnLinks(bucket, askedS, nowS) {
  const verdict = checkStanding(bucket, nowS);
  if (!verdict && isOver(bucket, LINK_WINDOW_S, askedS))
    return "too-old";
  return verdict ?? checkLinks(bucket, nowS);
}

/* The bucket that private links go to, as told after one was put into `own`. */
export function checkCurrentLinks(own, current) {
  if (!current.hashFits)
    return "hash-wrong";
  const ahead = current.sequence - own.sequence;
  const sameHour = current.created === own.created && (ahead === 0 || ahead === 1);
  const nextHour = current.created === own.created + LINK_WINDOW_S && current.sequence <= 1;
  return sameHour || nextHour ? null : "not-current";
}

/* Where no bucket is named after one was put into `posted`: its hour may have ended. */
export function checkNoLinks(posted, nowS) {
  return nowS + TOLERANCE_S - posted.created >= LINK_WINDOW_S ? null : "not-current";
}
