/** One path, and the text in which it is looked for. */
export interface PathCase {
  readonly json: Uint8Array;
  readonly path: string;
  /** As `remoteRef.property`, of which upstream tries first what its dots escaped mean. @default the path alone */
  readonly isProperty: boolean;
}
