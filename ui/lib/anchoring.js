/**
 * Whether the page follows the end of a growing text: pure decisions, fed with measurements.
 *
 * Following ("pinned") ends at once with any movement of the reader upwards and comes back only at the very
 * bottom or by the button. Own scrolls are known by the position that they lead to, not by timers.
 */

const AT_BOTTOM_PX = 2;
const UPWARD_PX = 3;
const OWN_SCROLL_PX = 1.5;
const BUTTON_SHOWS_PX = 200;
const BUTTON_HIDES_PX = 60;

/** @typedef {{ top: number, height: number, visible: number }} Measures Scroll position, content height, window height; px. */

/** Follows one scrolling box. */
export class Anchoring {
  isPinned = true;
  showsButton = false;
  hasNews = false;
  /** @type {number} */
  #expectedTop = 0;
  /** @type {number} */
  #lastHeight = 0;

  /**
   * Tells that the page itself has scrolled.
   *
   * @param {Measures} now After it.
   */
  ownScroll(now) {
    this.#expectedTop = now.top;
    this.#lastHeight = now.height;
    this.#judgeButton(now);
  }

  /**
   * Tells that the box has scrolled, by whomever.
   *
   * @param {Measures} now After it.
   */
  scrolled(now) {
    const moved = now.top - this.#expectedTop;
    const isOwn = Math.abs(moved) <= OWN_SCROLL_PX;
    // Content that shrinks pushes the position up: that is not the reader.
    const isPushed = moved < 0 && now.height < this.#lastHeight && distance(now) <= AT_BOTTOM_PX;
    if (!isOwn && !isPushed && moved < -UPWARD_PX) this.isPinned = false;
    if (!isOwn && distance(now) <= AT_BOTTOM_PX) this.pin();
    this.#expectedTop = now.top;
    this.#lastHeight = now.height;
    this.#judgeButton(now);
  }

  /**
   * Tells that the content has grown or shrunk.
   *
   * @param {Measures} now After it.
   * @param {boolean} [isNews] Whether growth is something new to read.
   * @returns {boolean} Whether to scroll to the end.
   */
  resized(now, isNews = true) {
    if (isNews && !this.isPinned && now.height > this.#lastHeight) this.hasNews = true;
    this.#lastHeight = now.height;
    this.#judgeButton(now);
    return this.isPinned;
  }

  /** Follows again: the button, a sent message, a conversation just opened. */
  pin() {
    this.isPinned = true;
    this.hasNews = false;
  }

  /** The reader takes over: wheel up, PageUp, drag, selection. */
  unpin() {
    this.isPinned = false;
  }

  /**
   * @param {Measures} now The present.
   */
  #judgeButton(now) {
    const below = distance(now);
    if (below > BUTTON_SHOWS_PX && !this.isPinned) this.showsButton = true;
    if (below < BUTTON_HIDES_PX || this.isPinned) this.showsButton = false;
    if (below <= AT_BOTTOM_PX) this.hasNews = false;
  }
}

/**
 * Returns how far the end is below the window.
 *
 * @param {Measures} now The present.
 * @returns {number} Pixels.
 */
export function distance(now) {
  return now.height - now.visible - now.top;
}

/**
 * Returns the empty space below an answer that lets its question stand near the top of the window.
 *
 * @param {{ questionTop: number, contentEnd: number, visible: number, gap: number }} measures All px; `gap` is
 *   how far below the top the question stands.
 * @returns {number} Pixels; 0 once the answer fills the window.
 */
export function spaceBelow({ questionTop, contentEnd, visible, gap }) {
  return Math.max(0, Math.ceil(visible - gap - (contentEnd - questionTop)));
}
