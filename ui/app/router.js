/** Which page an address is: everything behind the `#`, so that one file serves all. */

/**
 * @typedef {import("../pages/context.js").Route} Route
 * @typedef {import("../pages/context.js").PageName} PageName
 * @typedef {import("../pages/context.js").GateName} GateName
 */

/** @type {readonly PageName[]} */
const PAGES = ["admin", "bin", "chat", "join", "models", "recover", "register", "search", "settings"];
/** @type {readonly string[]} */
const GATES = ["join", "recover", "register"];

/**
 * Returns the page of an address.
 *
 * @param {string} hash Such as `#/chat/42` or `#/search?q=hours`.
 * @returns {Route} Its page; a new chat if there is none.
 */
export function routeOf(hash) {
  const [address = "", search = ""] = hash.replace(/^#/u, "").split(/\?(.*)/su);
  const [, name = "", ...path] = address.split("/");
  const page = PAGES.find((one) => one === name);
  if (!page) return { page: "chat", path: [], query: {} };
  return { page, path: path.filter(Boolean).map(decoded), query: Object.fromEntries(new URLSearchParams(search)) };
}

/**
 * Returns the gate of a route: a page for somebody who is not signed in (yet).
 *
 * @param {Route} route Where.
 * @returns {GateName | null} Its name; null for the pages behind the sign-in.
 */
export function gateOf({ page }) {
  return GATES.includes(page) ? /** @type {GateName} */ (page) : null;
}

/**
 * @param {string} part As it stands in the address.
 * @returns {string} As the box knows it.
 */
function decoded(part) {
  try {
    return decodeURIComponent(part);
  } catch (error) {
    // A broken address: asked for as it is, the box says that there is no such conversation.
    if (error instanceof URIError) return part;
    throw error;
  }
}

/**
 * Takes the set-up code out of the address, where it came with the link.
 *
 * @returns {string} The code; empty if there is none.
 */
export function takeSetupCode() {
  const code = new URLSearchParams(location.hash.replace(/^#/u, "")).get("code") ?? "";
  if (code) history.replaceState(null, "", location.pathname);
  return /^[A-Za-z0-9-]{1,12}$/u.test(code) ? code : "";
}
