/** Which page an address is: everything behind the `#`, so that one file serves all. */

/**
 * @typedef {{ page: "chat", conversationId: string | null } | { page: "models" }} Route
 */

/**
 * Returns the page of an address.
 *
 * @param {string} hash Such as `#/chat/42`.
 * @returns {Route} Its page; a new chat if there is none.
 */
export function routeOf(hash) {
  const [, page = "", id = ""] = hash.replace(/^#/u, "").split("/");
  if (page === "models") return { page: "models" };
  return { page: "chat", conversationId: page === "chat" && id ? decodeId(id) : null };
}

/**
 * @param {string} id As it stands in the address.
 * @returns {string} As the box knows it.
 */
function decodeId(id) {
  try {
    return decodeURIComponent(id);
  } catch (error) {
    // A broken address: asked for as it is, the box says that there is no such conversation.
    if (error instanceof URIError) return id;
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
