/** What a new chat shows before the first question. */

import { h, icon, on } from "../lib/elements.js";
import { t } from "../lib/texts.js";

/**
 * Returns the welcome.
 *
 * @param {{ name: string, onExample: (text: string) => void }} look Whom it greets, and what an example does.
 * @returns {HTMLElement} The welcome.
 */
export function createWelcome({ name, onExample }) {
  const examples = [t("welcome.example_1"), t("welcome.example_2"), t("welcome.example_3"), t("welcome.example_4")];
  const items = examples.map((text) => {
    const choice = h("button", { type: "button", class: "welcome-example" }, h("span", {}, text), icon("up-left"));
    return h("li", {}, on(choice, { click: () => onExample(text) }));
  });
  const first = name.trim().split(/\s+/u)[0] ?? "";
  const mark = icon("nodo");
  mark.classList.add("welcome-mark");
  return h(
    "section",
    { class: "welcome", "aria-labelledby": "welcome-heading" },
    mark,
    h("h2", { class: "welcome-heading", id: "welcome-heading" }, first ? t("welcome.hello", { name: first }) : t("welcome.hello_all")),
    h("p", { class: "welcome-lead" }, t("welcome.lead")),
    h("ul", { class: "welcome-examples", "aria-label": t("welcome.examples") }, ...items),
  );
}
