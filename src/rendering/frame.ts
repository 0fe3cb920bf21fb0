/**
 * How the renderer and its child say something over a pipe: a message as JSON, and byte strings as they are.
 *
 *     length of the JSON, length of the bytes: 4 bytes each, little-endian | JSON | bytes
 *
 * The JSON is `{ message, lengths }`; the lengths cut the bytes into the parts.
 */

export interface Frame {
  readonly message: unknown;
  readonly parts: readonly Buffer[];
}

/** What came is no frame. Its message quotes nothing of it. */
export class MalformedFrame extends Error {
  override readonly name = 'MalformedFrame';
}

const PREFIX_BYTES = 8;

/** Far more than a message has; a length above it was not written by the other side. */
const LONGEST_BYTES = 64 * 1024 * 1024;

export function encodeFrame(message: unknown, parts: readonly Uint8Array[] = []): Buffer {
  const lengths = parts.map(({ byteLength }) => byteLength);
  const json = Buffer.from(JSON.stringify({ message, lengths }));
  const prefix = Buffer.alloc(PREFIX_BYTES);
  prefix.writeUInt32LE(json.byteLength, 0);
  prefix.writeUInt32LE(
    lengths.reduce((total, length) => total + length, 0),
    4,
  );
  return Buffer.concat([prefix, json, ...parts]);
}

function lengthsIn(header: unknown): readonly number[] | undefined {
  if (typeof header !== 'object' || header === null || !('lengths' in header)) return undefined;
  const { lengths } = header;
  const isLength = (length: unknown): length is number => Number.isSafeInteger(length) && Number(length) >= 0;
  return Array.isArray(lengths) && lengths.every(isLength) ? lengths : undefined;
}

function parseJson(json: Buffer): unknown {
  try {
    return JSON.parse(json.toString('utf8'));
  } catch {
    throw new MalformedFrame('a message is no JSON');
  }
}

/** @returns views of `bytes` */
function cut(bytes: Buffer, lengths: readonly number[]): readonly Buffer[] {
  let end = 0;
  const parts = lengths.map((length) => {
    end += length;
    return bytes.subarray(end - length, end);
  });
  if (end !== bytes.byteLength) throw new MalformedFrame('the parts of a message are not as long as it says');
  return parts;
}

function decodeFrame(json: Buffer, bytes: Buffer): Frame {
  const header = parseJson(json);
  const lengths = lengthsIn(header);
  if (lengths === undefined || typeof header !== 'object' || header === null || !('message' in header)) {
    throw new MalformedFrame('a message is not of the form that is spoken');
  }
  return { message: header.message, parts: cut(bytes, lengths) };
}

/** Puts frames together from what a pipe gives, however that is cut. */
export class FrameReader {
  #chunks: Buffer[] = [];
  #bytes = 0;
  /** What has to be there before anything can be read. */
  #needed = PREFIX_BYTES;

  /** A part of a frame has come, and its rest has not. */
  get isWithin(): boolean {
    return this.#bytes > 0;
  }

  /**
   * @returns the frames that end in this chunk
   * @throws MalformedFrame, and then nothing more can be read
   */
  push(chunk: Buffer): readonly Frame[] {
    this.#chunks.push(chunk);
    this.#bytes += chunk.byteLength;
    if (this.#bytes < this.#needed) return [];
    const frames: Frame[] = [];
    let rest = Buffer.concat(this.#chunks);
    for (;;) {
      this.#needed = neededFor(rest);
      if (rest.byteLength < this.#needed) break;
      const jsonEnd = PREFIX_BYTES + rest.readUInt32LE(0);
      frames.push(decodeFrame(rest.subarray(PREFIX_BYTES, jsonEnd), rest.subarray(jsonEnd, this.#needed)));
      rest = rest.subarray(this.#needed);
    }
    // An empty rest would hold on to the buffer, and to the values in it.
    this.#chunks = rest.byteLength === 0 ? [] : [rest];
    this.#bytes = rest.byteLength;
    return frames;
  }
}

/** How long the frame is that begins here, or the prefix that tells it. */
function neededFor(start: Buffer): number {
  if (start.byteLength < PREFIX_BYTES) return PREFIX_BYTES;
  const [json, bytes] = [start.readUInt32LE(0), start.readUInt32LE(4)];
  if (json > LONGEST_BYTES || bytes > LONGEST_BYTES) throw new MalformedFrame('a message is longer than any can be');
  return PREFIX_BYTES + json + bytes;
}
