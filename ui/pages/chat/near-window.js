/** Which messages are drawn: those near the window, in slices, the nearest first. What is far away is given back. */

/**
 * @typedef {object} Drawable
 * @property {HTMLElement} element Where it stands.
 * @property {() => void} show Draws it.
 * @property {(heightPx: number) => void} giveBack Leaves its text alone there, as high as it was.
 * @property {boolean} isDrawn Whether it is drawn.
 * @property {boolean} isKept Whether it stays drawn wherever the reader is.
 */

const NEAR = "150%";
const MOST_DRAWN = 40;
const SLICE_MS = 8;
// What the reader does in a message would be lost with its elements.
const IN_USE = "details[open], .editor, .is-wrapped, :focus";

/** Draws what comes near, and remembers what was near last. */
export class NearWindow {
  /** @type {Map<Element, Drawable>} */
  #known = new Map();
  /** @type {Set<Drawable>} */
  #near = new Set();
  /** @type {Set<Drawable>} Those to draw, the most urgent first. */
  #waiting = new Set();
  /** @type {Set<Drawable>} Those drawn, the one that was near longest ago first. */
  #drawn = new Set();
  /** @type {WeakMap<Drawable, number>} Asking for them one by one, while others change, would lay out the page each time. */
  #heightsPx = new WeakMap();
  #isAsked = false;
  #watch;
  #signal;

  /**
   * @param {HTMLElement} box What scrolls.
   * @param {AbortSignal} signal Ends it.
   */
  constructor(box, signal) {
    this.#signal = signal;
    this.#watch = new IntersectionObserver((entries) => this.#onMoved(entries), { root: box, rootMargin: `${NEAR} 0px` });
    signal.addEventListener("abort", () => this.#watch.disconnect());
    globalThis.addEventListener("beforeprint", () => this.#showAll(() => true), { signal });
    globalThis.addEventListener("afterprint", () => this.#giveBack(), { signal });
    // Else the Markdown of what is far away would be copied.
    document.addEventListener("copy", () => this.#showAll(({ element }) => isInSelection(element)), { signal });
  }

  /** @param {Drawable} item A message that is new on the page. */
  add(item) {
    this.#known.set(item.element, item);
    this.#watch.observe(item.element);
  }

  /** @param {Drawable} item A message that has left the page. */
  remove(item) {
    this.#watch.unobserve(item.element);
    this.#known.delete(item.element);
    for (const set of [this.#near, this.#waiting, this.#drawn]) set.delete(item);
  }

  /** @param {Drawable} item A message that is needed at once, wherever it stands. */
  show(item) {
    this.#waiting.delete(item);
    // At the end again: it is the latest that somebody needed.
    this.#drawn.delete(item);
    this.#drawn.add(item);
    if (!item.isDrawn) item.show();
  }

  /** @param {IntersectionObserverEntry[]} entries What has come near or gone. */
  #onMoved(entries) {
    for (const { target, isIntersecting, boundingClientRect } of byDistance(entries)) {
      const item = this.#known.get(target);
      if (!item) continue;
      this.#heightsPx.set(item, boundingClientRect.height);
      this.#near[isIntersecting ? "add" : "delete"](item);
      if (!isIntersecting) this.#waiting.delete(item);
      else if (item.isDrawn) this.show(item);
      else this.#waiting.add(item);
    }
    this.#giveBack();
    this.#ask();
  }

  #ask() {
    if (this.#isAsked || this.#waiting.size === 0) return;
    this.#isAsked = true;
    requestAnimationFrame(() => {
      this.#isAsked = false;
      if (this.#signal.aborted) return;
      this.#drawSlice();
      this.#giveBack();
      this.#ask();
    });
  }

  #drawSlice() {
    const endMs = performance.now() + SLICE_MS;
    for (const item of this.#waiting) {
      this.show(item);
      if (performance.now() > endMs) return;
    }
  }

  /** @param {(item: Drawable) => boolean} isWanted Which are needed now. */
  #showAll(isWanted) {
    for (const item of this.#known.values()) if (isWanted(item)) this.show(item);
  }

  #giveBack() {
    let surplus = this.#drawn.size - MOST_DRAWN;
    for (const item of this.#drawn) {
      if (surplus <= 0) return;
      if (item.isKept || this.#near.has(item) || isInUse(item.element)) continue;
      item.giveBack(this.#heightsPx.get(item) ?? item.element.offsetHeight);
      this.#drawn.delete(item);
      surplus -= 1;
    }
  }
}

/**
 * @param {Element} element A message.
 * @returns {boolean} Whether the reader has opened, marked or focused something in it.
 */
function isInUse(element) {
  return element.querySelector(IN_USE) !== null || isInSelection(element);
}

/**
 * @param {Element} element A message.
 * @returns {boolean} Whether the reader has marked something of it.
 */
function isInSelection(element) {
  const selection = getSelection();
  // By its range: asking the selection whether it is empty lays out the page.
  const range = selection?.rangeCount ? selection.getRangeAt(0) : null;
  return range !== null && !range.collapsed && range.intersectsNode(element);
}

/**
 * @param {IntersectionObserverEntry[]} entries What has moved.
 * @returns {IntersectionObserverEntry[]} Nearest to the middle of the window first.
 */
function byDistance(entries) {
  const distance = (/** @type {IntersectionObserverEntry} */ { boundingClientRect: item, rootBounds }) => {
    const middle = rootBounds ? (rootBounds.top + rootBounds.bottom) / 2 : 0;
    return Math.max(item.top - middle, middle - item.bottom, 0);
  };
  return entries.toSorted((one, other) => distance(one) - distance(other));
}
