/** The pages behind the sign-in: the chat is there at once, the others are loaded when they are first shown. */

import { button, fill, h } from "../lib/elements.js";
import { loadPageTexts } from "../lib/more-texts.js";
import { t } from "../lib/texts.js";
import { mountChat } from "../pages/chat/page.js";

/**
 * @typedef {import("../pages/context.js").PageContext} PageContext
 * @typedef {import("../pages/context.js").MountedPage} MountedPage
 * @typedef {import("../pages/context.js").Route} Route
 * @typedef {(root: HTMLElement, context: PageContext, route: Route) => MountedPage} Mount
 */

/**
 * One line for each page; its name stands in `PageName` and in the router.
 *
 * @type {Partial<Record<import("../pages/context.js").PageName, () => Promise<Mount>>>}
 */
const PAGES = {
  admin: async () => {
    await loadPageTexts();
    return (await import("../pages/admin/page.js")).mountAdmin;
  },
  bin: async () => {
    await loadPageTexts();
    return (await import("../pages/bin/page.js")).mountBin;
  },
  models: async () => {
    await loadPageTexts();
    return (await import("../pages/models/page.js")).mountModels;
  },
  search: async () => {
    await loadPageTexts();
    return (await import("../pages/search/page.js")).mountSearch;
  },
  settings: async () => {
    await loadPageTexts();
    return (await import("../pages/settings/page.js")).mountSettings;
  },
};

/**
 * Returns how to show the page of a route.
 *
 * @param {Route} route Which.
 * @returns {Promise<Mount>} Shows it; if it cannot be loaded, shows why and how to go on.
 */
export async function pageFor(route) {
  const load = PAGES[route.page];
  if (!load) return (root, context) => mountChat(root, context, { conversationId: route.path[0] ?? null, messageId: route.query["message"] ?? null });
  try {
    return await load();
  } catch (error) {
    // Browsers throw a TypeError for a module that is not there (any more).
    if (error instanceof TypeError) return mountMissing;
    throw error;
  }
}

/**
 * Shows that the box serves another version by now, or cannot be reached.
 *
 * @param {HTMLElement} root Where.
 * @param {PageContext} context What the frame offers.
 * @returns {MountedPage} How to end it.
 */
function mountMissing(root, context) {
  const header = h("header", { class: "page-header" }, context.makeSidebarButton(), h("h1", { class: "title" }, t("reload.title")));
  const again = button(t("reload.again"), () => location.reload(), { kind: "primary", symbol: "retry" });
  fill(root, header, h("div", { class: "missing", role: "alert" }, h("p", {}, t("reload.lead")), again));
  return { unmount: () => undefined };
}
