/** Where the focus goes when a page changes under it. */

/**
 * Gives the focus to a heading if what had it has gone with the page before, so that it is read out and Tab goes on from there.
 *
 * @param {HTMLElement} heading Can be focused by the program.
 */
export function takeFocus(heading) {
  if (document.activeElement === document.body || document.activeElement === null) heading.focus({ preventScroll: true });
}
