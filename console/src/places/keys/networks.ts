// Networks in the desk's format: an address, or a prefix without host bits.

export type Read =
  | { network: string }
  /** There are host bits; either of these may have been meant. */
  | { meant: [string, string] }
  | { wrong: string };

export function readNetwork(text: string): Read {
  const typed = text.trim().toLowerCase();
  const [address = "", prefix, rest] = typed.split("/");
  const bytes = address.includes(":") ? v6(address) : v4(address);
  if (!bytes || rest !== undefined) return { wrong: text.trim() };
  const width = bytes.length * 8;
  if (prefix === undefined) return { network: address };
  if (!/^\d{1,3}$/.test(prefix) || Number(prefix) > width) return { wrong: text.trim() };
  const length = Number(prefix);
  const cut = bytes.map((byte, at) => {
    const kept = Math.max(0, Math.min(8, length - at * 8));
    return byte & ((0xff << (8 - kept)) & 0xff);
  });
  if (cut.every((byte, at) => byte === bytes[at])) return { network: `${address}/${length}` };
  return { meant: [address, `${written(cut)}/${length}`] };
}

function v4(text: string): number[] | null {
  const parts = text.split(".");
  if (parts.length !== 4 || !parts.every((part) => /^(0|[1-9]\d{0,2})$/.test(part))) return null;
  const bytes = parts.map(Number);
  return bytes.every((byte) => byte < 256) ? bytes : null;
}

function v6(text: string): number[] | null {
  const [before = "", after, more] = text.split("::");
  if (more !== undefined) return null;
  const head = groups(before);
  const tail = groups(after ?? "");
  if (!head || !tail) return null;
  const missing = 16 - head.length - tail.length;
  if (after === undefined ? missing !== 0 : missing < 2) return null;
  return [...head, ...Array<number>(missing).fill(0), ...tail];
}

function groups(text: string): number[] | null {
  if (!text) return [];
  const bytes: number[] = [];
  const parts = text.split(":");
  for (const [at, part] of parts.entries()) {
    const four = at === parts.length - 1 ? v4(part) : null;
    if (four) bytes.push(...four);
    else if (/^[0-9a-f]{1,4}$/.test(part)) bytes.push(parseInt(part, 16) >> 8, parseInt(part, 16) & 255);
    else return null;
  }
  return bytes;
}

function written(bytes: number[]): string {
  if (bytes.length === 4) return bytes.join(".");
  const parts = Array.from({ length: 8 }, (_, at) =>
    (((bytes[at * 2] ?? 0) << 8) | (bytes[at * 2 + 1] ?? 0)).toString(16),
  );
  // The longest run of zeros is omitted (RFC 5952).
  const runs = parts.join(":").match(/\b0(?::0)+\b/g) ?? [];
  const longest = runs.sort((one, other) => other.length - one.length)[0];
  if (!longest) return parts.join(":");
  const [head = "", tail = ""] = parts.join(":").split(longest, 2);
  return `${head.replace(/:$/, "")}::${tail.replace(/^:/, "")}`;
}
