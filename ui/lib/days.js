/** Groups of a history: today, yesterday, 7 days, 30 days, then months. */

/**
 * @template T
 * @typedef {{ kind: "today" | "yesterday" | "week" | "thirty" | "month", month: Date | null, items: T[] }} DayGroup
 */

const DAY_MS = 86_400_000;

/**
 * Returns the items in groups by the local day, in the order in which they came.
 *
 * @template T
 * @param {readonly T[]} items Newest first.
 * @param {(item: T) => string} timeOf When an item was last active, RFC 3339.
 * @param {Date} now The present.
 * @returns {DayGroup<T>[]} Groups with at least one item each.
 */
export function groupedByDay(items, timeOf, now) {
  /** @type {DayGroup<T>[]} */
  const groups = [];
  for (const item of items) {
    const head = headOf(new Date(timeOf(item)), now);
    const last = groups.at(-1);
    if (last && last.kind === head.kind && last.month?.getTime() === head.month?.getTime()) last.items.push(item);
    else groups.push({ ...head, items: [item] });
  }
  return groups;
}

/**
 * @param {Date} time When.
 * @param {Date} now The present.
 * @returns {{ kind: "today" | "yesterday" | "week" | "thirty" | "month", month: Date | null }} Its group.
 */
function headOf(time, now) {
  const days = daysBetween(time, now);
  if (days <= 0) return { kind: "today", month: null };
  if (days === 1) return { kind: "yesterday", month: null };
  if (days <= 7) return { kind: "week", month: null };
  if (days <= 30) return { kind: "thirty", month: null };
  return { kind: "month", month: new Date(time.getFullYear(), time.getMonth(), 1) };
}

/**
 * @param {Date} earlier One instant.
 * @param {Date} later Another.
 * @returns {number} Local midnights between them.
 */
function daysBetween(earlier, later) {
  // Rounded: a day that changes the clocks has 23 or 25 hours.
  return Math.round((midnight(later) - midnight(earlier)) / DAY_MS);
}

/**
 * @param {Date} time An instant.
 * @returns {number} Its day's local midnight in ms.
 */
function midnight(time) {
  return new Date(time.getFullYear(), time.getMonth(), time.getDate()).getTime();
}
