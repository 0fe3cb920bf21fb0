/**
 * Many byte strings in one buffer of their own, which moves to another thread instead of being copied. A view of a
 * buffer would take all of that buffer along, and Node's small buffers share one with what else was made lately.
 */

export interface PackedBytes {
  readonly lengths: readonly number[];
  readonly buffer: ArrayBuffer;
}

export function packBytes(parts: readonly Uint8Array[]): PackedBytes {
  const lengths = parts.map(({ byteLength }) => byteLength);
  const packed = new Uint8Array(lengths.reduce((total, length) => total + length, 0));
  let offset = 0;
  for (const part of parts) {
    packed.set(part, offset);
    offset += part.byteLength;
  }
  return { lengths, buffer: packed.buffer };
}

/** Views of the one buffer. */
export function unpackBytes({ lengths, buffer }: PackedBytes): readonly Buffer[] {
  let offset = 0;
  return lengths.map((length) => {
    offset += length;
    return Buffer.from(buffer, offset - length, length);
  });
}
