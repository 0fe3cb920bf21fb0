/** IPv6 addresses as text, as Go's `netip.ParseAddr` takes them. */

const GROUP = /^[0-9A-Fa-f]{1,4}$/;
const OCTET = /^(?:0|[1-9][0-9]{0,2})$/;

function isIPv4(text: string): boolean {
  const octets = text.split('.');
  return octets.length === 4 && octets.every((octet) => OCTET.test(octet) && Number(octet) <= 255);
}

/** Groups of one half, with an IPv4 address counting for two at the very end; undefined for what is none. */
function countGroups(half: string, isEnd: boolean): number | undefined {
  if (half === '') return 0;
  const groups = half.split(':');
  const last = groups.at(-1) ?? '';
  const hasIPv4 = isEnd && last.includes('.');
  if (hasIPv4 && !isIPv4(last)) return undefined;
  const plain = hasIPv4 ? groups.slice(0, -1) : groups;
  if (!plain.every((group) => GROUP.test(group))) return undefined;
  return plain.length + (hasIPv4 ? 2 : 0);
}

export function isIPv6Text(text: string): boolean {
  const percent = text.indexOf('%');
  if (percent === text.length - 1 && percent >= 0) return false;
  const halves = (percent < 0 ? text : text.slice(0, percent)).split('::');
  if (halves.length > 2 || !text.includes(':')) return false;
  const counts = halves.map((half, i) => countGroups(half, i === halves.length - 1));
  let total = 0;
  for (const count of counts) {
    if (count === undefined) return false;
    total += count;
  }
  return halves.length === 2 ? total < 8 : total === 8;
}
