/** IP addresses as the bytes that certificates hold: 4 for IPv4, 16 for IPv6. */

/** @returns undefined when the text is no address; zones (`%eth0`) and leading zeros are none, as in Go */
export function parseIpAddress(text: string): Uint8Array | undefined {
  return text.includes(':') ? parseIpv6(text) : parseIpv4(text);
}

/** As Go prints it: IPv6 in its shortest form, an IPv4 address in an IPv6 one as IPv4. */
export function formatIpAddress(bytes: Uint8Array): string {
  if (bytes.length === 4) return bytes.join('.');
  if (isMappedIpv4(bytes)) return bytes.subarray(12).join('.');
  const groups = Array.from({ length: 8 }, (_, at) => ((bytes[at * 2] ?? 0) << 8) | (bytes[at * 2 + 1] ?? 0));
  const hex = groups.map((group) => group.toString(16));
  const gap = longestZeros(groups);
  if (gap.length < 2) return hex.join(':');
  return `${hex.slice(0, gap.start).join(':')}::${hex.slice(gap.start + gap.length).join(':')}`;
}

/** An IPv4 address in 16 bytes becomes 4, as certificates want it. */
export function shortestIpAddress(bytes: Uint8Array): Uint8Array {
  return isMappedIpv4(bytes) ? bytes.subarray(12) : bytes;
}

function isMappedIpv4(bytes: Uint8Array): boolean {
  return (
    bytes.length === 16 &&
    bytes.subarray(0, 10).every((byte) => byte === 0) &&
    bytes.subarray(10, 12).every((byte) => byte === 0xff)
  );
}

function parseIpv4(text: string): Uint8Array | undefined {
  const parts = text.split('.');
  const isAddress = parts.length === 4 && parts.every((part) => /^(0|[1-9]\d{0,2})$/.test(part) && Number(part) < 256);
  return isAddress ? Uint8Array.from(parts, Number) : undefined;
}

function parseIpv6(text: string): Uint8Array | undefined {
  const halves = text.split('::');
  if (halves.length > 2) return undefined;
  const [head, tail] = halves.map((half, at) => groupsOf(half, at === halves.length - 1));
  if (head === undefined || (halves.length === 2 && tail === undefined)) return undefined;
  const missing = 16 - head.length - (tail?.length ?? 0);
  const isWhole = halves.length === 1 ? missing === 0 : missing >= 2;
  return isWhole ? Uint8Array.from([...head, ...new Array<number>(missing).fill(0), ...(tail ?? [])]) : undefined;
}

function groupsOf(text: string, isLast: boolean): number[] | undefined {
  if (text === '') return [];
  const bytes: number[] = [];
  const parts = text.split(':');
  for (const [at, part] of parts.entries()) {
    const ipv4 = isLast && at === parts.length - 1 && part.includes('.') ? parseIpv4(part) : undefined;
    if (ipv4 === undefined && !/^[\da-f]{1,4}$/i.test(part)) return undefined;
    const group = Number.parseInt(part, 16);
    bytes.push(...(ipv4 ?? [group >> 8, group & 0xff]));
  }
  return bytes;
}

function longestZeros(groups: readonly number[]): { start: number; length: number } {
  let best = { start: 0, length: 0 };
  for (let start = 0; start < groups.length; start += 1) {
    const end = groups.findIndex((group, at) => at >= start && group !== 0);
    const length = (end === -1 ? groups.length : end) - start;
    if (length > best.length) best = { start, length };
  }
  return best;
}
