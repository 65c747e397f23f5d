/** Administration: people, invitations, the audit log, the rules of the box, and, where allowed, conversations. */

import { makeAdmin } from "../../api/admin.js";
import { createRemark } from "../../components/panel.js";
import { createTabbedPage } from "../../components/tabbed-page.js";
import { fill } from "../../lib/elements.js";
import { t } from "../../lib/texts.js";
import { takeFocus } from "../focusing.js";
import { showAudit } from "./audit.js";
import { showConversations } from "./conversations.js";
import { showInvites } from "./invites.js";
import { showProviders } from "./providers.js";
import { showRules } from "./rules.js";
import { showUsers } from "./users.js";

/**
 * @typedef {import("../context.js").PageContext} PageContext
 * @typedef {import("../context.js").MountedPage} MountedPage
 * @typedef {import("../context.js").Route} Route
 * @typedef {object} Part
 * @property {PageContext} context What the page works with.
 * @property {import("../../api/admin.js").Admin} admin Asks and changes what administrators may.
 * @property {Route} route Where exactly.
 * @property {AbortSignal} signal Ends it.
 */

/** @type {Record<string, (content: HTMLElement, part: Part) => void>} */
const SHOW = { users: showUsers, invites: showInvites, audit: showAudit, settings: showRules, providers: showProviders, conversations: showConversations };

/** @returns {import("../../components/tabbed-page.js").Tab[]} The parts of the page. */
function parts() {
  const tab = (/** @type {string} */ name, /** @type {string} */ label) => ({ name, label, href: `#/admin/${name}` });
  return [
    tab("users", t("admin.users")),
    tab("invites", t("admin.invites")),
    tab("audit", t("admin.audit")),
    tab("settings", t("admin.settings")),
    tab("providers", t("admin.providers")),
    tab("conversations", t("admin.conversations")),
  ];
}

/**
 * Shows the page.
 *
 * @param {HTMLElement} root Where.
 * @param {PageContext} context What it works with.
 * @param {Route} route Which part.
 * @returns {MountedPage} How to end it.
 */
export function mountAdmin(root, context, route) {
  const life = new AbortController();
  const tabs = parts();
  const current = tabs.find(({ name }) => name === route.path[0]) ?? tabs[0];
  if (!current) throw new Error("Administration has no parts.");
  context.history.opened(null);
  document.title = `${current.label} – ${t("nav.admin")} – Nodo`;
  const isAllowed = context.user.role === "admin";
  const opener = context.makeSidebarButton();
  const page = createTabbedPage({ title: t("nav.admin"), navigation: t("admin.parts"), tabs: isAllowed ? tabs : [], current, opener });
  fill(root, ...page.nodes);
  page.reveal();
  takeFocus(page.heading);
  if (isAllowed) SHOW[current.name]?.(page.content, { context, admin: makeAdmin(context.client), route, signal: life.signal });
  else fill(page.content, createRemark(t("admin.not_allowed"), "warn"));
  return { unmount: () => life.abort() };
}
