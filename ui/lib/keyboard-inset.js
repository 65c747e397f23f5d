/** Keeping the page above a phone's keyboard where the browser lays the keyboard over it (iOS). */

/**
 * Tells the styles how much of the window the keyboard covers, as `--keyboard-inset`.
 *
 * @param {VisualViewport | null} viewport The part of the window that can be seen; null in browsers without it.
 * @param {AbortSignal} signal Ends it.
 */
export function watchKeyboard(viewport, signal) {
  if (!viewport) return;
  const { style } = document.documentElement;
  const draw = () => {
    // Zoomed in, the visible part is small for another reason.
    const coveredPx = viewport.scale > 1.01 ? 0 : innerHeight - viewport.height - viewport.offsetTop;
    style.setProperty("--keyboard-inset", `${Math.max(0, Math.round(coveredPx))}px`);
  };
  viewport.addEventListener("resize", draw, { signal });
  viewport.addEventListener("scroll", draw, { signal });
  signal.addEventListener("abort", () => style.removeProperty("--keyboard-inset"));
  draw();
}
