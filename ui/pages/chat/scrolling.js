/** The scrolling box of a conversation: follows the text, lets go when the reader moves. */

import { h, icon, on, setAttribute } from "../../lib/elements.js";
import { Anchoring, spaceBelow } from "../../lib/anchoring.js";
import { t } from "../../lib/texts.js";

const QUESTION_GAP_PX = 50;
const DRAG_PX = 10;
const NEAR_PX = 400;

/** A box that follows what grows in it. */
export class Scrolling {
  #anchoring = new Anchoring();
  #space = h("div", { class: "chat-space", "aria-hidden": "true" });
  /** @type {HTMLElement | null} */
  #question = null;
  #box;
  #content;
  #isFollowing;
  #isGrowing;
  #signal;

  /**
   * @param {object} parts What it is made of.
   * @param {HTMLElement} parts.box What scrolls.
   * @param {HTMLElement} parts.content What grows in it.
   * @param {() => boolean} parts.isFollowing Whether the person wants the text to be followed.
   * @param {() => boolean} parts.isGrowing Whether an answer is being written: else growth is no news.
   * @param {AbortSignal} signal Ends it.
   */
  constructor({ box, content, isFollowing, isGrowing }, signal) {
    this.#box = box;
    this.#content = content;
    this.#isFollowing = isFollowing;
    this.#isGrowing = isGrowing;
    this.#signal = signal;
    this.down = this.#makeDown();
    box.append(content, this.#space);
    const watch = new ResizeObserver(() => this.#onResize());
    watch.observe(content);
    watch.observe(box);
    signal.addEventListener("abort", () => watch.disconnect());
    box.addEventListener("scroll", () => this.#onScroll(), { signal });
    letGo(box, content, () => this.#onLetGo(), signal);
  }

  /** Shows the end, as when a conversation is opened. */
  open() {
    this.#question = null;
    this.#pinToEnd();
  }

  /** @param {HTMLElement} element A question just asked: it moves near the top, its answer grows below. */
  showQuestion(element) {
    this.#question = element;
    this.#pinToEnd();
  }

  /** @param {HTMLElement} element A message that somebody looked for: it moves near the top, and nothing is followed. */
  showFound(element) {
    this.#question = null;
    this.#anchoring.unpin();
    element.classList.add("is-found");
    element.tabIndex = -1;
    element.focus({ preventScroll: true });
    const show = () => {
      this.#box.scrollTop += this.#topOf(element) - this.#box.scrollTop - QUESTION_GAP_PX;
      this.#anchoring.ownScroll(this.#now());
      this.#draw();
    };
    show();
    // What is far away has only a guessed height until it is drawn.
    requestAnimationFrame(() => requestAnimationFrame(show));
  }

  /**
   * Does something each time the reader comes near the beginning of what is there.
   *
   * @param {HTMLElement} mark Stands at the beginning.
   * @param {() => Promise<boolean>} act Puts more above; tells whether it did.
   */
  whenNearTop(mark, act) {
    const watch = new IntersectionObserver(([entry]) => {
      if (!entry?.isIntersecting) return;
      // Where it stays near, as with short messages, it is looked at again.
      watch.unobserve(mark);
      void act().then((isDone) => {
        if (isDone) watch.observe(mark);
      });
    }, { root: this.#box, rootMargin: `${NEAR_PX}px 0px 0px 0px` });
    watch.observe(mark);
    this.#signal.addEventListener("abort", () => watch.disconnect());
  }

  /** @param {() => void} act Puts something above; the line that is read stays where it is. */
  keepStill(act) {
    const first = this.#content.querySelector("article");
    const before = first?.getBoundingClientRect().top ?? 0;
    // Else the browser would hold the line as well, and it would move twice.
    this.#box.classList.add("is-pinned");
    act();
    this.#box.scrollTop += (first?.getBoundingClientRect().top ?? 0) - before;
    this.#anchoring.ownScroll(this.#now());
    this.#draw();
  }

  #makeDown() {
    const label = t("chat.to_end");
    const down = h("button", { type: "button", class: "chat-down", "aria-label": label, title: label, hidden: true }, icon("down"));
    return on(down, { click: () => this.#pinToEnd() });
  }

  #now() {
    return { top: this.#box.scrollTop, height: this.#box.scrollHeight, visible: this.#box.clientHeight };
  }

  #draw() {
    setAttribute(this.down, "hidden", !this.#anchoring.showsButton);
    this.down.dataset["news"] = String(this.#anchoring.hasNews);
    this.#box.classList.toggle("is-pinned", this.#anchoring.isPinned);
  }

  #pinToEnd() {
    this.#fitSpace();
    this.#anchoring.pin();
    this.#toEnd();
  }

  #toEnd() {
    this.#box.scrollTop = this.#box.scrollHeight;
    this.#anchoring.ownScroll(this.#now());
    this.#draw();
  }

  /**
   * @param {HTMLElement} element Something in the box.
   * @returns {number} How far it is from the beginning of what scrolls, in px.
   */
  #topOf(element) {
    return element.getBoundingClientRect().top - this.#box.getBoundingClientRect().top + this.#box.scrollTop;
  }

  #fitSpace() {
    const contentEnd = this.#content.offsetTop + this.#content.offsetHeight;
    const visible = this.#box.clientHeight;
    const questionTop = this.#question?.isConnected ? this.#topOf(this.#question) : null;
    const size = questionTop === null ? 0 : spaceBelow({ questionTop, contentEnd, visible, gap: QUESTION_GAP_PX });
    this.#space.style.height = `${size}px`;
  }

  #onResize() {
    this.#fitSpace();
    if (this.#anchoring.resized(this.#now(), this.#isGrowing()) && this.#isFollowing()) this.#toEnd();
    this.#draw();
  }

  #onScroll() {
    this.#anchoring.scrolled(this.#now());
    this.#draw();
  }

  #onLetGo() {
    if (this.#box.scrollTop <= 0) return;
    this.#anchoring.unpin();
    this.#draw();
  }
}

/**
 * @param {HTMLElement} box What scrolls.
 * @param {HTMLElement} content What is in it.
 * @param {() => void} unpin Called with any sign that the reader takes over.
 * @param {AbortSignal} signal Ends it.
 */
function letGo(box, content, unpin, signal) {
  let touchY = 0;
  box.addEventListener("wheel", (event) => {
    if (event.deltaY < 0 && !scrollsInside(event.target, box)) unpin();
  }, { signal, passive: true });
  box.addEventListener("touchstart", (event) => {
    touchY = event.touches[0]?.clientY ?? 0;
  }, { signal, passive: true });
  box.addEventListener("touchmove", (event) => {
    if ((event.touches[0]?.clientY ?? 0) - touchY > DRAG_PX) unpin();
  }, { signal, passive: true });
  box.addEventListener("keydown", ({ key }) => {
    if (["PageUp", "ArrowUp", "Home"].includes(key)) unpin();
  }, { signal });
  document.addEventListener("selectionchange", () => {
    const selection = getSelection();
    const isInside = selection !== null && !selection.isCollapsed && content.contains(selection.anchorNode);
    if (isInside) unpin();
  }, { signal });
}

/**
 * @param {EventTarget | null} target Under the pointer.
 * @param {HTMLElement} box The whole.
 * @returns {boolean} Whether something inside the box can still scroll up itself.
 */
function scrollsInside(target, box) {
  let element = target instanceof Element ? target : null;
  while (element && element !== box) {
    if (element.scrollTop > 0) return true;
    element = element.parentElement;
  }
  return false;
}
