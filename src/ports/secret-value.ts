/** A value in transit from AWS to the API server: whoever prints it sees `[redacted]`. */

const REDACTED = '[redacted]';

/**
 * Bytes that must never be printed, logged, cached or compared in clear.
 * The only ways out are the three methods that name the form they give.
 */
export class SecretValue {
  readonly #bytes: Uint8Array;

  private constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  static fromBytes(bytes: Uint8Array): SecretValue {
    return new SecretValue(bytes);
  }

  static fromText(text: string): SecretValue {
    return new SecretValue(Buffer.from(text, 'utf8'));
  }

  /** Size in bytes, the one thing about a value that an error message may say. */
  get byteLength(): number {
    return this.#bytes.byteLength;
  }

  /** Whether both are the same bytes: what is compared does not come out. */
  equals(other: SecretValue): boolean {
    return Buffer.compare(this.#bytes, other.#bytes) === 0;
  }

  revealBytes(): Uint8Array {
    return this.#bytes;
  }

  /** The bytes as UTF-8; bytes that are not UTF-8 become U+FFFD. */
  revealText(): string {
    return Buffer.from(this.#bytes).toString('utf8');
  }

  /** Standard padded base64, the form of a Secret's `data`. */
  revealBase64(): string {
    return Buffer.from(this.#bytes).toString('base64');
  }

  toString(): string {
    return REDACTED;
  }

  toJSON(): string {
    return REDACTED;
  }

  [Symbol.for('nodejs.util.inspect.custom')](): string {
    return REDACTED;
  }
}

/** What a Secret's `data` is made of: key to value. */
export type SecretData = ReadonlyMap<string, SecretValue>;
