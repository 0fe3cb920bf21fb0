/** Time zones by the names of the IANA database: offsets from `Intl`, abbreviations as the database has them. */

import type { Zone, ZoneOffset } from './instant.ts';

/** The pod that runs Keyturn has no zone of its own. */
export const UTC: Zone = { name: 'UTC', at: () => ({ seconds: 0, abbreviation: 'UTC' }) };

/** Beyond what JavaScript's dates reach, a zone keeps the offset it has at the end. */
const LAST_SECOND = 8_640_000_000_000 - 86_400;

/** Between them they know the letters of most zones; where none does, the database has numbers. */
const LOCALES = ['en-US', 'en-GB', 'en-AU', 'en-IN', 'en-ZA', 'en-NZ', 'ja'];

/** A winter and a summer of our time, on either half of the globe. */
const REFERENCES = [1_704_067_200, 1_719_792_000];

/** Zones that never change; `Intl` takes them for places that once did. */
const FIXED: ReadonlyMap<string, number> = new Map([
  ['EST', -18_000],
  ['MST', -25_200],
  ['HST', -36_000],
]);

const LETTERS = /^[A-Z]{3,5}$/;

/** Where the database has other letters than `Intl`, or numbers: by zone, and offset in seconds. */
const ABBREVIATIONS: ReadonlyMap<string, string> = new Map(
  (
    [
      ['+08', 28800, 'Antarctica/Casey'],
      ['+00', 0, 'Antarctica/Troll'],
      ['+0530', 19800, 'Asia/Colombo'],
      ['+04', 14400, 'Asia/Dubai Asia/Muscat'],
      ['+0845', 31500, 'Australia/Eucla'],
      ['AEST', 36000, 'Australia/LHI Australia/Lord_Howe'],
      ['+1030', 37800, 'Australia/LHI Australia/Lord_Howe'],
      ['+11', 39600, 'Australia/LHI Australia/Lord_Howe'],
      ['+1245', 45900, 'NZ-CHAT Pacific/Chatham'],
      ['+1345', 49500, 'NZ-CHAT Pacific/Chatham'],
      ['HST', -36000, 'America/Adak America/Atka US/Aleutian'],
      ['HDT', -32400, 'America/Adak America/Atka US/Aleutian'],
      [
        'MST',
        -25200,
        'America/Dawson America/Hermosillo America/Mazatlan America/Whitehorse Canada/Yukon Mexico/BajaSur',
      ],
      ['CST', -18000, 'America/Havana Cuba'],
      ['CDT', -14400, 'America/Havana Cuba'],
      ['NST', -12600, 'America/St_Johns Canada/Newfoundland'],
      ['NDT', -9000, 'America/St_Johns Canada/Newfoundland'],
      [
        'CST',
        28800,
        'Asia/Chongqing Asia/Chungking Asia/Harbin Asia/Macao Asia/Macau Asia/Shanghai Asia/Taipei PRC ROC',
      ],
      ['HKT', 28800, 'Asia/Hong_Kong Hongkong'],
      ['WIB', 25200, 'Asia/Jakarta Asia/Pontianak'],
      ['WIT', 32400, 'Asia/Jayapura'],
      ['WITA', 28800, 'Asia/Makassar Asia/Ujung_Pandang'],
      ['IST', 7200, 'Asia/Jerusalem Asia/Tel_Aviv Israel'],
      ['IDT', 10800, 'Asia/Jerusalem Asia/Tel_Aviv Israel'],
      ['PKT', 18000, 'Asia/Karachi'],
      ['PST', 28800, 'Asia/Manila'],
      ['KST', 32400, 'Asia/Pyongyang Asia/Seoul ROK'],
      ['IST', 3600, 'Eire Europe/Dublin'],
      ['GMT', 0, 'Etc/GMT GMT GMT+0 GMT-0 GMT0'],
      ['BST', 3600, 'Europe/Guernsey Europe/Isle_of_Man Europe/Jersey'],
      ['MSK', 10800, 'Europe/Kirov Europe/Moscow Europe/Simferopol Europe/Volgograd W-SU'],
      ['MET', 3600, 'MET'],
      ['MEST', 7200, 'MET'],
      ['ChST', 36000, 'Pacific/Guam Pacific/Saipan'],
      ['SST', -39600, 'Pacific/Midway Pacific/Pago_Pago Pacific/Samoa US/Samoa'],
    ] as const
  ).flatMap(([abbreviation, offset, zones]) =>
    zones.split(' ').map((zone) => [`${zone} ${offset}`, abbreviation] as const),
  ),
);

function numericAbbreviation(seconds: number): string {
  const minutes = Math.abs(Math.trunc(seconds / 60));
  const two = (value: number): string => String(value).padStart(2, '0');
  return `${seconds < 0 ? '-' : '+'}${two(Math.floor(minutes / 60))}${minutes % 60 === 0 ? '' : two(minutes % 60)}`;
}

/** A zone that always has the one offset. */
export function fixedZone(name: string, seconds: number): Zone {
  return { name, at: () => ({ seconds, abbreviation: name }) };
}

function clockFormat(name: string): Intl.DateTimeFormat {
  return new Intl.DateTimeFormat('en-US', {
    timeZone: name,
    hourCycle: 'h23',
    era: 'narrow',
    year: 'numeric',
    month: 'numeric',
    day: 'numeric',
    hour: 'numeric',
    minute: 'numeric',
    second: 'numeric',
  });
}

/** What the zone's clocks show, read as if it were UTC, less what UTC's show. */
function offsetOf(format: Intl.DateTimeFormat, unixSeconds: number): number {
  const parts = new Map(format.formatToParts(unixSeconds * 1000).map((part) => [part.type, part.value]));
  const part = (type: Intl.DateTimeFormatPartTypes): number => Number(parts.get(type));
  const year = parts.get('era') === 'B' ? 1 - part('year') : part('year');
  const shown = new Date(0);
  shown.setUTCFullYear(year, part('month') - 1, part('day'));
  shown.setUTCHours(part('hour'), part('minute'), part('second'));
  return Math.round(shown.getTime() / 1000) - unixSeconds;
}

function lettersAt(name: string, unixSeconds: number): string | undefined {
  for (const locale of LOCALES) {
    const format = new Intl.DateTimeFormat(locale, { timeZone: name, timeZoneName: 'short' });
    const letters = format.formatToParts(unixSeconds * 1000).find((part) => part.type === 'timeZoneName')?.value;
    if (letters !== undefined && LETTERS.test(letters)) return letters;
  }
  return undefined;
}

/** Outside of our time `Intl` forgets letters: those of today are taken where the offset is today's. */
function lettersOf(name: string, unixSeconds: number, offsetAt: (second: number) => number): string | undefined {
  const seconds = offsetAt(unixSeconds);
  const moment = [...REFERENCES, unixSeconds].find((second) => offsetAt(second) === seconds) ?? unixSeconds;
  const letters = lettersAt(name, moment) ?? lettersAt(name, unixSeconds);
  return letters === 'GMT' && seconds !== 0 ? undefined : letters;
}

/** Before there were zones each place had its own time, which is told by its odd offset. */
function isLocalMeanTime(seconds: number): boolean {
  return seconds % 900 !== 0;
}

function abbreviationOf(name: string, unixSeconds: number, offsetAt: (second: number) => number): string {
  const seconds = offsetAt(unixSeconds);
  if (isLocalMeanTime(seconds)) return 'LMT';
  const known = ABBREVIATIONS.get(`${name} ${seconds}`) ?? lettersOf(name, unixSeconds, offsetAt);
  return known ?? numericAbbreviation(seconds);
}

/** What Go looks for in the database's folder, and would find there. */
function isZoneName(name: string): boolean {
  return /^[A-Za-z][A-Za-z0-9_+/-]*$/.test(name);
}

/** As `time.LoadLocation`, where it fails UTC. */
export function zoneOf(name: string): Zone {
  const fixed = FIXED.get(name);
  if (fixed !== undefined) return fixedZone(name, fixed);
  if (name === 'Local' || !isZoneName(name)) return UTC;
  let format: Intl.DateTimeFormat;
  try {
    format = clockFormat(name);
  } catch {
    return UTC;
  }
  const offsetAt = (second: number): number => offsetOf(format, second);
  const at = (unixSeconds: number): ZoneOffset => {
    const second = Math.max(-LAST_SECOND, Math.min(LAST_SECOND, unixSeconds));
    return { seconds: offsetAt(second), abbreviation: abbreviationOf(name, second, offsetAt) };
  };
  return { name, at };
}
