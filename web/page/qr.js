/* QR codes (ISO/IEC 18004): byte mode, error correction level M, drawn as an image of the page's
 * own. */
import { utf8 } from "./bytes.js";
import { make } from "./show.js";
import { text } from "./strings.js";

/* Of level M, by version from 1 on: bytes of error correction in a block, and the blocks. */
const CORRECTION = [10, 16, 26, 18, 24, 16, 18, 22, 22, 26, 30, 22, 22, 24, 24, 28, 28, 26, 26, 26,
                    26, 28, 28, 28, 28, 28, 28, 28, 28, 28, 28, 28, 28, 28, 28, 28, 28, 28, 28, 28];
const BLOCKS = [1, 1, 1, 2, 2, 4, 4, 4, 5, 5, 5, 8, 9, 9, 10, 10, 11, 13, 14, 16, 17, 17, 18, 20,
                21, 23, 25, 26, 28, 29, 31, 33, 35, 37, 38, 40, 43, 45, 47, 49];
const QUIET = 4; /* modules around it */

const sizeOf = (version) => 17 + 4 * version;

/* Where the centres of alignment patterns are, in both directions. */
function alignments(version) {
  if (version === 1)
    return [];
  const count = Math.floor(version / 7) + 2;
  const last = sizeOf(version) - 7;
  const step = version === 32 ? 26 : 2 * Math.ceil((last - 6) / (2 * (count - 1)));
  return [6, ...Array.from({ length: count - 1 }, (_, i) => last - (count - 2 - i) * step)];
}

/* Bytes of data and correction together. */
function rawBytes(version) {
  const count = alignments(version).length;
  let modules = sizeOf(version) ** 2 - 3 * 64 - 2 * 15 - 1 - 2 * (sizeOf(version) - 16);
  if (count > 0)
    modules -= (count ** 2 - 3) * 25 - 2 * (count - 2) * 5;
  if (version >= 7)
    modules -= 36;
  return Math.floor(modules / 8);
}

function dataBytes(version) {
  return rawBytes(version) - CORRECTION[version - 1] * BLOCKS[version - 1];
}

/* The field of 256 elements modulo x^8 + x^4 + x^3 + x^2 + 1. */
function multiply(a, b) {
  let product = 0;
  for (let bit = 7; bit >= 0; bit--) {
    product = (product << 1) ^ ((product >> 7) * 0x11d);
    product ^= ((b >> bit) & 1) * a;
  }
  return product;
}

/* The generator of a Reed-Solomon code, without its leading coefficient. */
function generator(degree) {
  const made = new Array(degree).fill(0);
  made[degree - 1] = 1;
  for (let i = 0, root = 1; i < degree; i++, root = multiply(root, 2))
    for (let j = 0; j < degree; j++)
      made[j] = multiply(made[j], root) ^ (made[j + 1] ?? 0);
  return made;
}

function remainder(data, divisor) {
  const rest = new Array(divisor.length).fill(0);
  for (const byte of data) {
    const factor = byte ^ rest.shift();
    rest.push(0);
    divisor.forEach((coefficient, i) => {
      rest[i] ^= multiply(coefficient, factor);
    });
  }
  return rest;
}

/* Bits before the bytes: that they are UTF-8, where that is not ASCII; mode; length. */
function headBits(bytes, version) {
  return (bytes.some((byte) => byte >= 0x80) ? 12 : 0) + 4 + (version < 10 ? 8 : 16);
}

/* The bytes of a text with their head, filled up. */
function dataOf(bytes, version) {
  const bits = [];
  const put = (value, count) => {
    for (let i = count - 1; i >= 0; i--)
      bits.push((value >> i) & 1);
  };
  if (bytes.some((byte) => byte >= 0x80)) {
    put(7, 4); /* Extended Channel Interpretation 26: UTF-8 */
    put(26, 8);
  }
  put(4, 4);
  put(bytes.length, version < 10 ? 8 : 16);
  bytes.forEach((byte) => put(byte, 8));
  put(0, Math.min(4, dataBytes(version) * 8 - bits.length));
  put(0, (8 - (bits.length % 8)) % 8);
  for (let pad = 0xec; bits.length < dataBytes(version) * 8; pad ^= 0xec ^ 0x11)
    put(pad, 8);
  return Array.from({ length: bits.length / 8 }, (_, i) =>
    bits.slice(8 * i, 8 * i + 8).reduce((byte, bit) => byte * 2 + bit, 0));
}

/* Blocks with their correction, interleaved. */
function codewords(data, version) {
  const count = BLOCKS[version - 1];
  const short = Math.floor(data.length / count);
  const longer = data.length % count; /* so many at the end have one byte more */
  const divisor = generator(CORRECTION[version - 1]);
  const blocks = [];
  for (let i = 0, at = 0; i < count; i++) {
    const length = short + (i >= count - longer ? 1 : 0);
    const block = data.slice(at, at + length);
    at += length;
    blocks.push({ block, correction: remainder(block, divisor) });
  }
  const made = [];
  for (let i = 0; i <= short; i++)
    blocks.forEach(({ block }) => i < block.length && made.push(block[i]));
  for (let i = 0; i < divisor.length; i++)
    blocks.forEach(({ correction }) => made.push(correction[i]));
  return made;
}

/* A matrix with the patterns that every code of this version has: true, false, or null where data
 * go. */
function patterns(version) {
  const size = sizeOf(version);
  const grid = Array.from({ length: size }, () => new Array(size).fill(null));
  const square = (row, column, reach, dark) => {
    for (let y = -reach; y <= reach; y++)
      for (let x = -reach; x <= reach; x++)
        if (grid[row + y]?.[column + x] !== undefined)
          grid[row + y][column + x] = dark(Math.max(Math.abs(x), Math.abs(y)));
  };
  const places = alignments(version);
  const last = places.length - 1;
  for (let i = 0; i < size; i++)
    grid[6][i] = grid[i][6] = i % 2 === 0;
  for (const [row, column] of [[3, 3], [3, size - 4], [size - 4, 3]])
    square(row, column, 4, (reach) => reach !== 2 && reach !== 4);
  places.forEach((row, i) => places.forEach((column, j) => {
    if (!((i === 0 && (j === 0 || j === last)) || (i === last && j === 0)))
      square(row, column, 2, (reach) => reach !== 1);
  }));
  return grid;
}

/* The format (level M, mask 0) and, from version 7 on, the version. */
function putFormat(grid, version) {
  const size = grid.length;
  const format = 0x5412; /* of data bits zero: the mask of the standard alone */
  for (let i = 0; i < 15; i++) {
    const dark = ((format >> i) & 1) === 1;
    const [row, column] = i < 6 ? [i, 8] : i < 8 ? [i + 1, 8] : i === 8 ? [8, 7] : [8, 14 - i];
    grid[row][column] = dark;
    if (i < 8)
      grid[8][size - 1 - i] = dark;
    else
      grid[size - 15 + i][8] = dark;
  }
  grid[size - 8][8] = true;
  if (version < 7)
    return;
  let rest = version;
  for (let i = 0; i < 12; i++)
    rest = (rest << 1) ^ ((rest >> 11) * 0x1f25);
  for (let i = 0; i < 18; i++) {
    const dark = ((((version << 12) | rest) >> i) & 1) === 1;
    const [a, b] = [size - 11 + (i % 3), Math.floor(i / 3)];
    grid[a][b] = grid[b][a] = dark;
  }
}

/* In columns of two, up and down, from the right; with mask 0. */
function putData(grid, bytes) {
  const size = grid.length;
  let at = 0;
  for (let right = size - 1; right >= 1; right -= 2) {
    if (right === 6)
      right = 5;
    const upward = ((right + 1) & 2) === 0;
    for (let i = 0; i < size; i++)
      for (const column of [right, right - 1]) {
        const row = upward ? size - 1 - i : i;
        if (grid[row][column] !== null)
          continue;
        const bit = at < bytes.length * 8 ? (bytes[at >> 3] >> (7 - (at & 7))) & 1 : 0;
        at++;
        grid[row][column] = (bit === 1) !== ((row + column) % 2 === 0);
      }
  }
}

/* The modules of a code: rows of booleans; null: the text is too long. */
export function qrModules(shown) {
  const bytes = utf8(shown);
  let version = 1;
  while (version <= 40 &&
         dataBytes(version) * 8 < bytes.length * 8 + headBits(bytes, version))
    version++;
  if (version > 40)
    return null;
  const grid = patterns(version);
  putFormat(grid, version);
  putData(grid, codewords(dataOf(bytes, version), version));
  return grid;
}

/* A code as an image with a text for those who do not see it; nothing where it is too long. */
export function qrImage(shown) {
  const grid = qrModules(shown);
  if (!grid)
    return "";
  const size = grid.length + 2 * QUIET;
  const scale = 4;
  const canvas = make("canvas", { className: "code", role: "img" });
  canvas.setAttribute("aria-label", text("qrAlt", { what: shown }));
  canvas.width = canvas.height = size * scale;
  const pen = canvas.getContext("2d");
  pen.fillStyle = "#fff";
  pen.fillRect(0, 0, canvas.width, canvas.height);
  pen.fillStyle = "#000";
  grid.forEach((row, y) => row.forEach((dark, x) => {
    if (dark)
      pen.fillRect((x + QUIET) * scale, (y + QUIET) * scale, scale, scale);
  }));
  return canvas;
}
