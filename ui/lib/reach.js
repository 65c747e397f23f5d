/** A modal dialog shuts out everything that is not in it: from the pointer, from the keyboard, from being read out. */

/**
 * Returns how to put an element into the dialog that is open, if one is: there it can be seen, heard and used. It comes back when that closes.
 *
 * @param {Element} element What tells people something, wherever they are.
 * @returns {() => boolean} Puts it there; whether it had to be moved.
 */
export function makeReachable(element) {
  /** @type {Element | null} */
  let home = null;
  return () => {
    const dialog = [...document.querySelectorAll("dialog:modal")].at(-1);
    if (!dialog || dialog.contains(element)) return false;
    home ??= element.parentElement;
    const comeBack = () => {
      if (dialog.contains(element)) home?.append(element);
    };
    dialog.append(element);
    dialog.addEventListener("close", comeBack, { once: true });
    return true;
  };
}
