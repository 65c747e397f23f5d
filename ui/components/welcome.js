/** What a new chat shows before the first question. */

import { fill, h, icon, on } from "../lib/elements.js";
import { t } from "../lib/texts.js";

/**
 * Returns the welcome.
 *
 * @param {{ name: string, onExample: (text: string) => void }} look Whom it greets, and what an example does.
 * @returns {{ element: HTMLElement, show: (engine: { is_demo: boolean } | null) => void }} The welcome, and a way to say which model answers.
 */
export function createWelcome({ name, onExample }) {
  const list = h("ul", { class: "welcome-examples", "aria-label": t("welcome.examples") });
  let showsDemo = false;
  const draw = () => fill(list, ...examples(showsDemo).map((text) => example(text, onExample)));
  draw();
  const first = name.trim().split(/\s+/u)[0] ?? "";
  const mark = icon("nodo");
  mark.classList.add("welcome-mark");
  const element = h(
    "section",
    { class: "welcome", "aria-labelledby": "welcome-heading" },
    mark,
    h("h2", { class: "welcome-heading", id: "welcome-heading" }, first ? t("welcome.hello", { name: first }) : t("welcome.hello_all")),
    h("p", { class: "welcome-lead" }, t("welcome.lead")),
    list,
  );
  return {
    element,
    /** @param {{ is_demo: boolean } | null} engine What will answer, if that is known. */
    show(engine) {
      const isDemo = engine?.is_demo ?? showsDemo;
      if (isDemo === showsDemo) return;
      showsDemo = isDemo;
      draw();
    },
  };
}

/**
 * @param {boolean} isDemo Whether the tiny demonstration answers: it only knows about Nodo itself.
 * @returns {string[]} What to ask.
 */
function examples(isDemo) {
  return isDemo
    ? [t("welcome.demo_1"), t("welcome.demo_2"), t("welcome.demo_3"), t("welcome.demo_4")]
    : [t("welcome.example_1"), t("welcome.example_2"), t("welcome.example_3"), t("welcome.example_4")];
}

/**
 * @param {string} text What is asked.
 * @param {(text: string) => void} onExample What choosing it does.
 * @returns {HTMLElement} Its row.
 */
function example(text, onExample) {
  const choice = h("button", { type: "button", class: "welcome-example" }, h("span", {}, text), icon("up-left"));
  return h("li", {}, on(choice, { click: () => onExample(text) }));
}
