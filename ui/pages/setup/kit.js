/** The last step of the set-up: the recovery kit, which wants to be saved. */

import { isAbort } from "../../api/failures.js";
import { makeOwnAccount } from "../../api/own-account.js";
import { createGate } from "../../components/gate.js";
import { createRemark } from "../../components/panel.js";
import { createRecoveryKit } from "../../components/recovery-kit.js";
import { createWaitLine } from "../../components/wait-line.js";
import { button, fill, h } from "../../lib/elements.js";
import { t } from "../../lib/texts.js";
import { wordsOf } from "../failing.js";

/**
 * Shows the kit in the place of the set-up.
 *
 * @param {HTMLElement} root Where.
 * @param {import("../../api/client.js").Client} client Signed in as the owner.
 * @param {{ email: string, onDone: () => void }} owner Whose kit it is; called when it is saved.
 */
export async function showKit(root, client, { email, onDone }) {
  const content = h("div", { class: "kit-place" });
  const draw = (/** @type {(Node | null)[]} */ ...nodes) => {
    fill(content, ...nodes);
    fill(root, createGate({ title: t("kit.title"), lead: t("kit.lead"), content: [content], onLanguage: null }));
    document.title = `${t("kit.title")} – Nodo`;
    root.querySelector("h1")?.focus();
  };
  const wait = createWaitLine();
  draw(wait.element);
  wait.start(t("kit.making"));
  try {
    const { codes } = await makeOwnAccount(client).newRecoveryCodes();
    draw(createRecoveryKit({ codes, email, box: location, now: new Date(), onDone }));
  } catch (error) {
    if (isAbort(error)) return;
    const again = button(t("kit.again"), () => void showKit(root, client, { email, onDone }));
    const row = h("div", { class: "form-row" }, again, button(t("kit.go_on"), onDone, { kind: "primary" }));
    draw(createRemark(wordsOf(error) ?? "", "warn", h("p", {}, t("kit.failed"))), row);
  } finally {
    wait.stop();
  }
}
