/** Which shortcut a key press is: pure, by `event.key`, so that every keyboard layout works. */

/** @typedef {"new-chat" | "search" | "sidebar" | "composer" | "regenerate" | "delete" | "settings" | "help"} Shortcut */

/** @typedef {{ key: string, ctrlKey: boolean, metaKey: boolean, shiftKey: boolean, altKey: boolean }} KeyPress */

/** @type {Record<string, Shortcut>} */
const BY_PRESS = {
  "mod+shift+o": "new-chat",
  "mod+k": "search",
  "mod+shift+s": "sidebar",
  "shift+escape": "composer",
  "mod+shift+enter": "regenerate",
  "mod+shift+backspace": "delete",
  "mod+,": "settings",
  f1: "help",
  "mod+/": "help",
  // Spanish keyboards type the slash with Shift.
  "mod+shift+/": "help",
};

/**
 * Returns what a key press asks for.
 *
 * @param {KeyPress} press The press.
 * @param {boolean} isTyping Whether a field has the focus.
 * @returns {Shortcut | null} The shortcut; null if it is none.
 */
export function shortcutOf(press, isTyping) {
  // Ctrl+Alt is AltGr on Windows: those presses write characters.
  if (press.altKey) return null;
  const name = nameOf(press);
  // Alone, the slash is a shortcut only where it is not a character; Spanish keyboards type it with Shift.
  if (name === "/" || name === "shift+/") return isTyping ? null : "composer";
  return BY_PRESS[name] ?? null;
}

/**
 * @param {KeyPress} press The press.
 * @returns {string} Such as "mod+shift+o".
 */
function nameOf({ ctrlKey, metaKey, shiftKey, key }) {
  return `${ctrlKey || metaKey ? "mod+" : ""}${shiftKey ? "shift+" : ""}${key.toLowerCase()}`;
}
