/** Copying text, over plain HTTP too. */

/**
 * Copies a text.
 *
 * @param {string} text The text.
 * @returns {Promise<boolean>} Whether it worked.
 */
export async function copyText(text) {
  if (globalThis.isSecureContext && navigator.clipboard) {
    try {
      await navigator.clipboard.writeText(text);
      return true;
    } catch (error) {
      if (!(error instanceof DOMException)) throw error;
    }
  }
  return copyBySelection(text);
}

/**
 * @param {string} text The text.
 * @returns {boolean} Whether the browser did it.
 */
function copyBySelection(text) {
  const before = document.activeElement;
  const area = document.createElement("textarea");
  area.className = "visually-hidden";
  area.value = text;
  area.readOnly = true;
  // An open modal dialog makes everything outside it inert, so the area has to be inside.
  (document.querySelector("dialog:modal") ?? document.body).append(area);
  area.select();
  const isDone = document.execCommand("copy");
  area.remove();
  if (before instanceof HTMLElement) before.focus({ preventScroll: true });
  return isDone;
}
