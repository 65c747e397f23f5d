/** One's own settings: who one is, how one gets in, how the page behaves, how the assistant answers, keys of programs. */

import { makeOwnAccount } from "../../api/own-account.js";
import { createTabbedPage } from "../../components/tabbed-page.js";
import { fill } from "../../lib/elements.js";
import { t } from "../../lib/texts.js";
import { takeFocus } from "../focusing.js";
import { showAppearance } from "./appearance.js";
import { showAssistant } from "./assistant.js";
import { showKeys } from "./keys.js";
import { showProfile } from "./profile.js";
import { showSecurity } from "./security.js";

/**
 * @typedef {import("../context.js").PageContext} PageContext
 * @typedef {import("../context.js").MountedPage} MountedPage
 * @typedef {object} Part
 * @property {PageContext} context What the page works with.
 * @property {import("../../api/own-account.js").OwnAccount} account Asks and changes one's own account.
 * @property {AbortSignal} signal Ends it.
 */

/** @type {Record<string, (content: HTMLElement, part: Part) => void>} */
const SHOW = { profile: showProfile, security: showSecurity, appearance: showAppearance, assistant: showAssistant, keys: showKeys };

/** @returns {import("../../components/tabbed-page.js").Tab[]} The parts of the page. */
function parts() {
  const tab = (/** @type {string} */ name, /** @type {string} */ label) => ({ name, label, href: `#/settings/${name}` });
  return [
    tab("profile", t("settings.profile")),
    tab("security", t("settings.security")),
    tab("appearance", t("settings.appearance")),
    tab("assistant", t("settings.assistant")),
    tab("keys", t("settings.keys")),
  ];
}

/**
 * Shows the page.
 *
 * @param {HTMLElement} root Where.
 * @param {PageContext} context What it works with.
 * @param {import("../context.js").Route} route Which part.
 * @returns {MountedPage} How to end it.
 */
export function mountSettings(root, context, route) {
  const life = new AbortController();
  const tabs = parts();
  const current = tabs.find(({ name }) => name === route.path[0]) ?? tabs[0];
  if (!current) throw new Error("Settings have no parts.");
  context.history.opened(null);
  document.title = `${current.label} – ${t("settings.title")} – Nodo`;
  const opener = context.makeSidebarButton();
  const page = createTabbedPage({ title: t("settings.title"), navigation: t("settings.parts"), tabs, current, opener });
  fill(root, ...page.nodes);
  page.reveal();
  takeFocus(page.heading);
  SHOW[current.name]?.(page.content, { context, account: makeOwnAccount(context.client), signal: life.signal });
  return { unmount: () => life.abort() };
}
