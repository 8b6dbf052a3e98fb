/* Bytes, hexadecimal digits and comparisons. */

export const ID_BYTES = 32;

export function toHex(bytes) {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

/* Returns: the bytes, or null where the text is not `count` bytes in small hexadecimal digits. */
export function fromHex(text, count) {
  if (typeof text !== "string" || text.length !== 2 * count || !/^[0-9a-f]*$/.test(text))
    return null;
  return Uint8Array.from({ length: count }, (_, i) => parseInt(text.slice(2 * i, 2 * i + 2), 16));
}

export function areEqual(a, b) {
  return a.length === b.length && a.every((byte, i) => byte === b[i]);
}

export function concat(...parts) {
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

export function utf8(text) {
  return new TextEncoder().encode(text);
}

/* Big-endian; exact up to 2^53. */
export function fromBe(bytes) {
  return bytes.reduce((value, byte) => value * 256 + byte, 0);
}

/* A number from 0 to below `limit` (1 to 2^32), each as likely. */
export function randomBelow(limit) {
  const most = Math.floor(2 ** 32 / limit) * limit;
  const drawn = new Uint32Array(1);
  do {
    crypto.getRandomValues(drawn);
  } while (drawn[0] >= most);
  return drawn[0] % limit;
}

export function randomBytes(count) {
  return crypto.getRandomValues(new Uint8Array(count));
}
