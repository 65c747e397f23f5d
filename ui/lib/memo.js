/** Doing nothing again when nothing has changed. */

/**
 * Returns a function that acts only if one of the facts differs from the last time.
 *
 * @returns {(facts: unknown[], act: () => void) => void} Acts on the first call and at each change.
 */
export function makeMemo() {
  /** @type {unknown[] | null} */
  let last = null;
  return (facts, act) => {
    const isSame = last !== null && last.length === facts.length && last.every((fact, at) => Object.is(fact, facts[at]));
    if (isSame) return;
    last = facts;
    act();
  };
}
