/** The scrolling box of a conversation: follows the text, lets go when the reader moves. */

import { h, icon, on, setAttribute } from "../../lib/elements.js";
import { Anchoring, spaceBelow } from "../../lib/anchoring.js";
import { t } from "../../lib/texts.js";

const QUESTION_GAP_PX = 50;
const DRAG_PX = 10;

/** @typedef {ReturnType<typeof createScrolling>} Scrolling */

/**
 * Connects the box.
 *
 * @param {object} parts What it is made of.
 * @param {HTMLElement} parts.box What scrolls.
 * @param {HTMLElement} parts.content What grows in it.
 * @param {() => boolean} parts.isFollowing Whether the person wants the text to be followed.
 * @param {AbortSignal} signal Ends it.
 */
export function createScrolling({ box, content, isFollowing }, signal) {
  const anchoring = new Anchoring();
  const space = h("div", { class: "chat-space", "aria-hidden": "true" });
  const label = t("chat.to_end");
  const down = h("button", { type: "button", class: "chat-down", "aria-label": label, title: label, hidden: true }, icon("down"));
  /** @type {HTMLElement | null} */
  let question = null;
  box.append(content, space);
  const now = () => ({ top: box.scrollTop, height: box.scrollHeight, visible: box.clientHeight });
  const draw = () => {
    setAttribute(down, "hidden", !anchoring.showsButton);
    down.dataset["news"] = String(anchoring.hasNews);
    box.classList.toggle("is-pinned", anchoring.isPinned);
  };
  const toEnd = () => {
    box.scrollTop = box.scrollHeight;
    anchoring.ownScroll(now());
    draw();
  };
  const fitSpace = () => {
    const contentEnd = content.offsetTop + content.offsetHeight;
    const size = question?.isConnected ? spaceBelow({ questionTop: question.offsetTop, contentEnd, visible: box.clientHeight, gap: QUESTION_GAP_PX }) : 0;
    space.style.height = `${size}px`;
  };
  const onResize = () => {
    fitSpace();
    if (anchoring.resized(now()) && isFollowing()) toEnd();
    draw();
  };
  const watch = new ResizeObserver(onResize);
  watch.observe(content);
  watch.observe(box);
  signal.addEventListener("abort", () => watch.disconnect());
  on(down, {
    click: () => {
      anchoring.pin();
      toEnd();
    },
  });
  on(box, {
    scroll: () => {
      anchoring.scrolled(now());
      draw();
    },
  }, signal);
  letGo(box, content, () => {
    if (box.scrollTop <= 0) return;
    anchoring.unpin();
    draw();
  }, signal);
  return {
    down,

    /** Shows the end, as when a conversation is opened. */
    open() {
      question = null;
      fitSpace();
      anchoring.pin();
      toEnd();
    },

    /** @param {HTMLElement} element A question just asked: it moves near the top, its answer grows below. */
    showQuestion(element) {
      question = element;
      fitSpace();
      anchoring.pin();
      toEnd();
    },

    /** @param {() => void} act Puts something above; the line that is read stays where it is. */
    keepStill(act) {
      const first = content.querySelector("article");
      const before = first?.getBoundingClientRect().top ?? 0;
      box.classList.add("is-pinned");
      act();
      const moved = (first?.getBoundingClientRect().top ?? 0) - before;
      box.scrollTop += moved;
      anchoring.ownScroll(now());
      draw();
    },
  };
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
