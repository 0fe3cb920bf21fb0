/** Makes a text as small as it gets while something stays true of it: leaves out half of it, a quarter, at last single characters. */
export async function shortenText(text: string, stays: (shorter: string) => Promise<boolean>): Promise<string> {
  let smallest = text;
  for (let length = text.length; length >= 1; length = Math.floor(length / 2)) {
    for (let at = 0; at < smallest.length; ) {
      const candidate = smallest.slice(0, at) + smallest.slice(at + length);
      if (await stays(candidate)) smallest = candidate;
      else at += Math.max(1, Math.floor(length / 2));
    }
  }
  return smallest;
}
