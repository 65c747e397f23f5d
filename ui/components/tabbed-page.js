/** A page of several parts, each with an address of its own. */

import { h } from "../lib/elements.js";

/**
 * @typedef {{ name: string, label: string, href: string }} Tab
 */

/**
 * Returns the page's frame.
 *
 * @param {object} look What it shows.
 * @param {string} look.title Its heading.
 * @param {string} look.navigation What the row of parts is called.
 * @param {readonly Tab[]} look.tabs The parts.
 * @param {Tab} look.current The part that is shown.
 * @param {HTMLElement} look.opener Opens the sidebar.
 * @returns {{ nodes: Node[], heading: HTMLHeadingElement, content: HTMLElement, reveal: () => void }} What goes into the page;
 *   the content is empty. Once there, `reveal` brings the current part's name into a row that is too long for the window.
 */
export function createTabbedPage({ title, navigation, tabs, current, opener }) {
  const header = h("header", { class: "page-header" }, opener, h("h1", { class: "title" }, title));
  const links = tabs.map((tab) => h("li", {}, h("a", { class: "tab", href: tab.href, "aria-current": tab === current ? "page" : null }, tab.label)));
  const nav = h("nav", { class: "tabs", "aria-label": navigation }, h("ul", { class: "tabs-list" }, ...links));
  const heading = h("h2", { class: "tabbed-title", tabindex: -1 }, current.label);
  const content = h("div", { class: "tabbed-content" });
  const body = h("div", { class: "tabbed", "data-part": current.name }, h("div", { class: "tabbed-column" }, heading, content));
  const reveal = () => {
    const shown = links[tabs.indexOf(current)];
    if (shown) nav.scrollLeft = shown.offsetLeft - (nav.clientWidth - shown.offsetWidth) / 2;
  };
  return { nodes: [header, nav, body], heading, content, reveal };
}
