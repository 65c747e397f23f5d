/** How the page looks and behaves. */

import { createRadios, createTick } from "../../components/choices.js";
import { createPanel } from "../../components/panel.js";
import { fill } from "../../lib/elements.js";
import { preference } from "../../lib/storage.js";
import { t } from "../../lib/texts.js";
import { chosenTheme } from "../../lib/theme.js";
import { told } from "../failing.js";

/** @typedef {import("./page.js").Part} Part */

/**
 * Shows the part; every choice works at once.
 *
 * @param {HTMLElement} content Where.
 * @param {Part} part What it works with.
 */
export function showAppearance(content, { context }) {
  const change = (/** @type {import("../../api/types.js").Preferences} */ changes) =>
    void told(context.toasts, () => context.habits.change(changes)).then((isSaved) => isSaved && context.announcer.say(t("form.saved")));
  const themes = [
    { value: "system", label: t("theme.system") },
    { value: "light", label: t("theme.light") },
    { value: "dark", label: t("theme.dark") },
  ];
  const theme = createRadios({
    label: t("appearance.colours"),
    name: "theme",
    choices: themes,
    value: chosenTheme(),
    onChoice: (value) => change({ theme: value === "light" || value === "dark" ? value : "system" }),
  });
  const follow = createTick({
    label: t("user.follow"),
    hint: t("appearance.follow_hint"),
    isOn: preference("follow") !== "off",
    onChange: (isOn) => change({ follow_answer: isOn }),
  });
  const shortcuts = createTick({
    label: t("keys.switch"),
    hint: t("appearance.shortcuts_hint"),
    isOn: preference("shortcuts") !== "off",
    onChange: (isOn) => change({ shortcuts: isOn }),
  });
  const aloud = createRadios({
    label: t("appearance.aloud"),
    name: "aloud",
    choices: [
      { value: "ends", label: t("appearance.aloud_ends") },
      { value: "all", label: t("appearance.aloud_all") },
    ],
    value: preference("aloud") === "all" ? "all" : "ends",
    onChoice: (value) => change({ read_answers_aloud_to_screen_reader: value === "all" ? "all" : "ends" }),
  });
  fill(
    content,
    createPanel(t("theme.name"), t("appearance.theme_lead"), theme.element),
    createPanel(t("appearance.behaviour"), "", follow.element, shortcuts.element),
    createPanel(t("appearance.reader"), t("appearance.reader_lead"), aloud.element),
  );
}
