/** Keeping a phone's screen on during a long wait, where the browser allows it. */

/**
 * Returns a function that holds the screen on or lets it go.
 *
 * @param {Pick<WakeLock, "request"> | undefined} wakeLock The browser's; undefined over plain HTTP and in older ones.
 * @returns {(isWanted: boolean) => void} Called at each change; calling it again changes nothing.
 */
export function makeWaking(wakeLock) {
  /** @type {Promise<{ release: () => Promise<void> } | null> | null} */
  let held = null;
  return (isWanted) => {
    if (!wakeLock || isWanted === (held !== null)) return;
    if (isWanted) {
      // A battery that is low, or a page in the background: the screen just goes off as always.
      held = wakeLock.request("screen").catch(() => null);
      return;
    }
    void held?.then((lock) => lock?.release());
    held = null;
  };
}
