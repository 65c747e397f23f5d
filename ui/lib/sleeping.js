/** Whether a page has been in the background for long: nobody can be looking. */

const SLEEP_MS = 30 * 60_000;

/**
 * @typedef {object} Sleep
 * @property {() => boolean} isBusy Whether the person waits for something: then the page stays awake.
 * @property {() => void} onSleep Called when it falls asleep.
 * @property {() => void} onWake Called whenever it comes to the front.
 */

/**
 * Watches a page.
 *
 * @param {Document} page Which.
 * @param {Sleep} sleep What it means.
 * @param {AbortSignal} signal Ends it.
 * @returns {(life: AbortSignal) => Promise<void>} Waits until the page is awake.
 */
export function watchSleep(page, { isBusy, onSleep, onWake }, signal) {
  let isAsleep = false;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let timer;
  const fallAsleep = () => {
    if (isBusy()) {
      timer = setTimeout(fallAsleep, SLEEP_MS);
      return;
    }
    isAsleep = true;
    onSleep();
  };
  const look = () => {
    clearTimeout(timer);
    if (page.hidden) {
      timer = setTimeout(fallAsleep, SLEEP_MS);
      return;
    }
    isAsleep = false;
    onWake();
  };
  page.addEventListener("visibilitychange", look, { signal });
  signal.addEventListener("abort", () => clearTimeout(timer));
  return async (life) => {
    while (isAsleep && !life.aborted) {
      await new Promise((resolve) => page.addEventListener("visibilitychange", resolve, { once: true, signal: life }));
    }
  };
}
