/** How many shards each of those who are there should have: all within one of each other, with as few moves as can be. */

/**
 * The shares of a number of shards among the members. Who has more now gets what cannot be divided, and among equals
 * the first by name; so everybody who sees the same comes to the same result, and what is fair already stays as it is.
 * @param held how many each member has now
 */
export function fairShares(held: ReadonlyMap<string, number>, shards: number): ReadonlyMap<string, number> {
  const members = [...held].sort(([a, heldByA], [b, heldByB]) => heldByB - heldByA || (a < b ? -1 : 1));
  const least = Math.floor(shards / members.length);
  const withOneMore = shards % members.length;
  return new Map(members.map(([member], at) => [member, least + (at < withOneMore ? 1 : 0)]));
}
