/** How long to wait before another try. */

const FIRST_MS = 500;
const LONGEST_MS = 8000;

/**
 * Returns the wait before a try: doubling from half a second to eight.
 *
 * @param {number} attempt Number of the try that failed, from 0.
 * @returns {number} Milliseconds.
 */
export function delayMs(attempt) {
  return Math.min(LONGEST_MS, FIRST_MS * 2 ** attempt);
}

/**
 * Waits; a browser that comes back online ends the wait early.
 *
 * @param {number} waitMs Milliseconds.
 * @param {AbortSignal} signal Ends the wait with its reason.
 * @returns {Promise<void>} When it is over.
 */
export function pause(waitMs, signal) {
  return new Promise((resolve, reject) => {
    const over = new AbortController();
    const end = (/** @type {() => void} */ how) => {
      over.abort();
      clearTimeout(timer);
      how();
    };
    const timer = setTimeout(() => end(resolve), waitMs);
    globalThis.addEventListener?.("online", () => end(resolve), { signal: over.signal });
    signal.addEventListener("abort", () => end(() => reject(signal.reason)), { signal: over.signal });
    if (signal.aborted) end(() => reject(signal.reason));
  });
}
