/** Cuts a stream of bytes into lines, whatever the borders of its chunks. */

const NEWLINE = 0x0a;

export interface LineSplitter {
  /**
   * The lines that this chunk completes, without their newlines; empty lines are left out.
   * `overflow` once a line is longer than allowed, after which the stream is of no more use.
   */
  push(chunk: Uint8Array): readonly Uint8Array[] | 'overflow';
  /** True while a line has begun and not ended. */
  readonly inLine: boolean;
}

/** Lines are bytes: a character that is cut by a chunk border is whole again before anybody decodes it. */
export function createLineSplitter(maxLineBytes: number): LineSplitter {
  let pieces: Uint8Array[] = [];
  let size = 0;

  function takeLine(last: Uint8Array): Uint8Array {
    const line = pieces.length === 0 ? last : Buffer.concat([...pieces, last], size + last.byteLength);
    pieces = [];
    size = 0;
    return line;
  }

  return {
    get inLine() {
      return size > 0;
    },
    push(chunk) {
      const lines: Uint8Array[] = [];
      let start = 0;
      for (let end = chunk.indexOf(NEWLINE); end >= 0; end = chunk.indexOf(NEWLINE, start)) {
        if (size + end - start > maxLineBytes) {
          return 'overflow';
        }
        const line = takeLine(chunk.subarray(start, end));
        if (line.byteLength > 0) {
          lines.push(line);
        }
        start = end + 1;
      }
      const rest = chunk.subarray(start);
      if (size + rest.byteLength > maxLineBytes) {
        return 'overflow';
      }
      if (rest.byteLength > 0) {
        pieces.push(rest);
        size += rest.byteLength;
      }
      return lines;
    },
  };
}
