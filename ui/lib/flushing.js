/** Drawing at a bounded rate. */

const GAP_MS = 50;

/**
 * Returns a function that asks for a drawing: at most once per frame and 20 times per second, the last state always.
 *
 * @param {() => void} draw Draws the present state.
 * @param {AbortSignal} signal Ends it.
 * @returns {() => void} Asks.
 */
export function makeFlusher(draw, signal) {
  let isAsked = false;
  let lastMs = 0;
  const onFrame = (/** @type {number} */ nowMs) => {
    if (signal.aborted) return;
    if (nowMs - lastMs < GAP_MS) {
      requestAnimationFrame(onFrame);
      return;
    }
    isAsked = false;
    lastMs = nowMs;
    draw();
  };
  return () => {
    if (isAsked) return;
    isAsked = true;
    requestAnimationFrame(onFrame);
  };
}
