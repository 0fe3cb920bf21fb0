/**
 * The values that Go's templates work on. Their kind is the name that Go's `reflect.Kind` has, their type what `%T`
 * prints. A Go string is bytes, not text: here it is a string whose every character stands for one byte (code 0 to
 * 255), so that length, index, slice, comparison and use as a key are Go's, and binary data passes byte-exact.
 */

declare const byteString: unique symbol;

export type GoString = string & { readonly [byteString]: true };

export type IntKind =
  | 'int'
  | 'int8'
  | 'int16'
  | 'int32'
  | 'int64'
  | 'uint'
  | 'uint8'
  | 'uint16'
  | 'uint32'
  | 'uint64'
  | 'uintptr';

export type FloatKind = 'float32' | 'float64';

export interface GoInt {
  readonly kind: IntKind;
  /** The kind's name, but for named types such as `time.Duration`. */
  readonly type: string;
  /** Within the kind's range: arithmetic wraps as Go's does. */
  readonly value: bigint;
  /** For a named type: what `String()` gives. */
  readonly text?: () => GoString;
  /** For a named type: methods that templates may call; the receiver is bound. */
  readonly methods?: ReadonlyMap<string, GoFunction>;
}

export interface GoFloat {
  readonly kind: FloatKind;
  readonly type: string;
  readonly value: number;
}

/** A slice. What appends makes a new one; `set` on a map inside is seen through every copy, as in Go. */
export interface GoSlice {
  readonly kind: 'slice';
  /** Such as `[]interface {}`, `[]string`, `[]int`. */
  readonly type: string;
  readonly items: readonly GoValue[];
  /** A nil slice: without items, but not equal to an empty one. */
  readonly isNil?: true;
}

/** A map with string keys; sprig's `set` and `unset` change it in place. */
export interface GoMap {
  readonly kind: 'map';
  /** Such as `map[string]interface {}`, `map[string]string`. */
  readonly type: string;
  readonly entries: Map<GoString, GoValue>;
  /** A nil map: without entries, but not equal to an empty one. */
  readonly isNil?: true;
}

/** A struct or a pointer to one: `time.Time`, a certificate, a version, an error. */
export interface GoObject {
  readonly kind: 'struct' | 'ptr';
  readonly type: string;
  /** Exported fields in Go's order. */
  readonly fields: ReadonlyMap<string, GoValue>;
  /** Exported methods that templates may call; the receiver is bound. */
  readonly methods: ReadonlyMap<string, GoFunction>;
  /** What `String()` or `Error()` gives; undefined for a type that has neither. */
  readonly text: (() => GoString) | undefined;
  /** A nil pointer. */
  readonly isNil?: true;
}

/** `null` is Go's untyped nil: an empty `interface{}`. */
export type GoValue = null | boolean | GoString | GoInt | GoFloat | GoSlice | GoMap | GoObject;

/**
 * Which values a parameter takes, as Go writes the type: `string`, `int`, `float64`, `bool`, `interface {}`,
 * `[]string`, `map[string]interface {}`, `time.Time`, `error`. Templates convert nothing: an `int` is no `int64`;
 * a number constant takes the type that is asked for.
 */
export type GoType = string;

/** What a running template gives to the functions it calls. */
export interface Execution {
  /** Counts work against the limits. @throws TemplateError when they are spent */
  spend(steps: number): void;
  /** Counts bytes that are about to be made, so that no function makes what the limits forbid. @throws TemplateError */
  allocate(bytes: number): void;
  /** The wall clock, for `now` and its like. */
  nowMs(): number;
}

export interface GoFunction {
  readonly params: readonly GoType[];
  /** The type of each further argument. */
  readonly variadic?: GoType;
  /** The type of the result, as Go declares it: it decides what `nil` becomes. */
  readonly result: GoType;
  /**
   * The arguments fit the parameters.
   * @throws TemplateFault, whose message is that of Go's error
   */
  readonly call: (args: readonly GoValue[], execution: Execution) => GoValue;
}

export type FunctionTable = ReadonlyMap<string, GoFunction>;

/** What a function or an operator refuses. The engine adds where in the template it was. */
export class TemplateFault extends Error {
  override readonly name = 'TemplateFault';
}

export function isString(value: GoValue): value is GoString {
  return typeof value === 'string';
}

export function isInt(value: GoValue): value is GoInt {
  return value !== null && typeof value === 'object' && 'value' in value && typeof value.value === 'bigint';
}

/** Text of ours, or text that was decoded, in UTF-8. */
export function goString(text: string): GoString {
  return bytesToGo(Buffer.from(text, 'utf8'));
}

export function bytesToGo(bytes: Uint8Array): GoString {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('latin1') as GoString;
}

export function goToBytes(value: GoString): Uint8Array {
  return Buffer.from(value, 'latin1');
}

/** As text; bytes that are not UTF-8 become U+FFFD. */
export function goToText(value: GoString): string {
  return Buffer.from(value, 'latin1').toString('utf8');
}

export function int(value: bigint | number): GoInt {
  return { kind: 'int', type: 'int', value: BigInt.asIntN(64, BigInt(value)) };
}

export function int64(value: bigint | number): GoInt {
  return { kind: 'int64', type: 'int64', value: BigInt.asIntN(64, BigInt(value)) };
}

export function float64(value: number): GoFloat {
  return { kind: 'float64', type: 'float64', value };
}

export function list(items: readonly GoValue[]): GoSlice {
  return { kind: 'slice', type: '[]interface {}', items };
}

export function stringList(items: readonly GoString[]): GoSlice {
  return { kind: 'slice', type: '[]string', items };
}

export function dict(entries: Iterable<readonly [GoString, GoValue]>): GoMap {
  return { kind: 'map', type: 'map[string]interface {}', entries: new Map(entries) };
}
