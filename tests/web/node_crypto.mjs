// What browsers have and Debian 12's node has under another name. Imported first.
import { webcrypto } from "node:crypto";

globalThis.crypto ??= webcrypto;
