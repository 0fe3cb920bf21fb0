/** One template with its data. */
export interface TemplateCase {
  readonly template: string;
  readonly data: ReadonlyMap<string, Uint8Array>;
  readonly delimiters?: readonly [left: string, right: string];
}
