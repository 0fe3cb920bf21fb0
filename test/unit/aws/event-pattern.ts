/** As much of EventBridge's pattern matching as the rules in deploy/aws use: values and `exists`, nested objects. */

function fieldOf(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null ? Reflect.get(value, name) : undefined;
}

/**
 * https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-event-patterns.html
 * @throws Error for a pattern that uses more
 */
export function matchesPattern(pattern: unknown, event: unknown): boolean {
  if (typeof pattern !== 'object' || pattern === null) throw new Error('a pattern is an object');
  return Object.entries(pattern).every(([name, expected]: [string, unknown]) => {
    const found = fieldOf(event, name);
    return Array.isArray(expected)
      ? expected.some((condition: unknown) => matchesCondition(condition, found))
      : matchesPattern(expected, found);
  });
}

function matchesCondition(condition: unknown, found: unknown): boolean {
  if (typeof condition === 'string') return condition === found;
  const exists = fieldOf(condition, 'exists');
  if (typeof exists !== 'boolean') throw new Error(`${JSON.stringify(condition)} is not understood`);
  return (found !== undefined) === exists;
}
