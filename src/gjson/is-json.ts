/** Whether a text is JSON as RFC 8259 has it. Its parser's own error is dropped: it quotes the text. */
export function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}
