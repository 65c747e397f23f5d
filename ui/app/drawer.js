/** Opening and folding the sidebar: beside the page where there is room, else over it. */

import { on, setAttribute } from "../lib/elements.js";
import { preference, setPreference } from "../lib/storage.js";

const WIDE = "(min-width: 1024px)";
const EDGE_PX = 24;
const SWIPE_PX = 60;

/**
 * Connects the sidebar.
 *
 * @param {HTMLElement} frame Holds all.
 * @param {HTMLElement} sidebar The sidebar.
 * @param {HTMLElement} main The page; it is out of reach while the sidebar lies over it.
 * @param {AbortSignal} signal Ends it.
 */
export function connectDrawer(frame, sidebar, main, signal) {
  const wide = matchMedia(WIDE);
  let isOverlayOpen = false;
  const isOpen = () => (wide.matches ? preference("sidebar") !== "folded" : isOverlayOpen);
  const draw = () => {
    frame.dataset["sidebar"] = isOpen() ? "open" : "folded";
    setAttribute(sidebar, "inert", !isOpen());
    setAttribute(main, "inert", !wide.matches && isOpen());
    for (const opener of main.querySelectorAll(".sidebar-opener")) opener.setAttribute("aria-expanded", String(isOpen()));
  };
  const set = (/** @type {boolean} */ isWanted) => {
    if (wide.matches) setPreference("sidebar", isWanted ? null : "folded");
    else isOverlayOpen = isWanted;
    draw();
    moveFocus(isWanted, sidebar, main);
  };
  wide.addEventListener("change", draw, { signal });
  on(sidebar, {
    keydown: (event) => {
      if (event.key === "Escape" && !wide.matches && isOpen()) set(false);
    },
  }, signal);
  frame.addEventListener("pointerdown", (event) => {
    if (!wide.matches && isOpen() && event.target instanceof Node && !sidebar.contains(event.target)) set(false);
  }, { signal });
  connectSwipe(frame, { canOpen: () => !wide.matches && !isOpen(), open: () => set(true) }, signal);
  draw();
  return {
    toggle: () => set(!isOpen()),
    open: () => {
      if (!isOpen()) set(true);
    },
    closeOverlay: () => {
      if (!isOverlayOpen) return;
      isOverlayOpen = false;
      draw();
    },
  };
}

/**
 * @param {boolean} isOpen Whether the sidebar has just been opened.
 * @param {HTMLElement} sidebar The sidebar.
 * @param {HTMLElement} main The page.
 */
function moveFocus(isOpen, sidebar, main) {
  const target = isOpen ? sidebar.querySelector("button") : main.querySelector(".sidebar-opener");
  if (target instanceof HTMLElement) target.focus();
}

/**
 * Opens by a swipe from the left edge.
 *
 * @param {HTMLElement} frame Where.
 * @param {{ canOpen: () => boolean, open: () => void }} drawer What it opens.
 * @param {AbortSignal} signal Ends it.
 */
function connectSwipe(frame, { canOpen, open }, signal) {
  let startX = Number.POSITIVE_INFINITY;
  frame.addEventListener("touchstart", (event) => {
    startX = event.touches[0]?.clientX ?? Number.POSITIVE_INFINITY;
  }, { signal, passive: true });
  frame.addEventListener("touchmove", (event) => {
    const x = event.touches[0]?.clientX ?? 0;
    if (startX <= EDGE_PX && x - startX > SWIPE_PX && canOpen()) open();
  }, { signal, passive: true });
}
