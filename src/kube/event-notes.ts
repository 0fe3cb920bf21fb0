/** Remembers the notes of the last hour, so that a repeated one counts up its Event instead of making another. */

import { hash, randomBytes } from 'node:crypto';
import type { EventNote } from '../ports/cluster.ts';

/** One note and the Event that stands for it in the cluster. */
export interface NoteRecord {
  readonly note: EventNote;
  /** The Event's own name. A new one is taken when the API server has dropped the old one. */
  eventName: string;
  readonly firstAtMs: number;
  lastAtMs: number;
  count: number;
  /** When it was last sent; undefined as long as the cluster knows nothing of it. */
  sentAtMs: number | undefined;
  /** Which `count` the cluster knows. */
  sentCount: number;
  /** True while it waits to be sent, is being sent, or waits for its minute to pass. */
  isPending: boolean;
}

export interface EventNotes {
  /** The record of this note, new or counted up. The least recently noted one is forgotten beyond the bound. */
  note(note: EventNote, nowMs: number): NoteRecord;
}

/** As long as the API server keeps Events by default (`--event-ttl`). */
const AGGREGATION_MS = 60 * 60 * 1_000;
const MAX_NOTES = 4_096;
/** The API server refuses longer ones. */
const MAX_MESSAGE_BYTES = 1_024;
const MAX_NAME_CHARS = 230;

export function createEventNotes(): EventNotes {
  // In the order of last use: a Map keeps insertion order, and what is used is put in anew.
  const records = new Map<string, NoteRecord>();

  return {
    note(given, nowMs) {
      const note = { ...given, message: cutToBytes(given.message, MAX_MESSAGE_BYTES) };
      const key = keyOf(note);
      const known = records.get(key);
      records.delete(key);
      const record = known !== undefined && nowMs - known.lastAtMs < AGGREGATION_MS ? known : newRecord(note, nowMs);
      record.count += 1;
      record.lastAtMs = nowMs;
      records.set(key, record);
      forgetOldest(records);
      return record;
    },
  };
}

export function newEventName(note: EventNote): string {
  const stem = note.object.name.slice(0, MAX_NAME_CHARS).replace(/[^a-z0-9]+$/, '');
  return `${stem}.${randomBytes(8).toString('hex')}`;
}

/** Cuts UTF-8 without splitting a character. */
export function cutToBytes(text: string, maxBytes: number): string {
  const bytes = Buffer.from(text, 'utf8');
  if (bytes.byteLength <= maxBytes) {
    return text;
  }
  let end = maxBytes;
  // A continuation byte at the cut belongs to a character that begins before it.
  while (end > 0 && ((bytes[end] ?? 0) & 0xc0) === 0x80) {
    end -= 1;
  }
  return bytes.toString('utf8', 0, end);
}

function newRecord(note: EventNote, nowMs: number): NoteRecord {
  return {
    note,
    eventName: newEventName(note),
    firstAtMs: nowMs,
    lastAtMs: nowMs,
    count: 0,
    sentAtMs: undefined,
    sentCount: 0,
    isPending: false,
  };
}

function keyOf(note: EventNote): string {
  const { object, type, reason, message } = note;
  return hash('sha256', JSON.stringify([object.uid, object.namespace, object.name, type, reason, message]), 'base64');
}

function forgetOldest(records: Map<string, NoteRecord>): void {
  const oldest = records.keys().next();
  if (records.size > MAX_NOTES && oldest.done !== true) {
    records.delete(oldest.value);
  }
}
