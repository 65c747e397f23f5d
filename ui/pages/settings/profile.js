/** Who one is: name, e-mail, language; and who may read one's chats. */

import { makeAccounts } from "../../api/accounts.js";
import { createField } from "../../components/field.js";
import { createForm } from "../../components/form.js";
import { createLanguageSwitch } from "../../components/language-switch.js";
import { createPanel, createRemark } from "../../components/panel.js";
import { createFacts } from "../../components/sheet.js";
import { fill, h } from "../../lib/elements.js";
import { t } from "../../lib/texts.js";
import { day } from "../../lib/times.js";
import { isComplete, shownAtField } from "../failing.js";
import { roleName } from "../roles.js";
import { emailProblem } from "../typing.js";

/** @typedef {import("./page.js").Part} Part */

/**
 * Shows the part.
 *
 * @param {HTMLElement} content Where.
 * @param {Part} part What it works with.
 */
export function showProfile(content, part) {
  const { user, onLanguage } = part.context;
  /** @type {[string, string][]} */
  const facts = [
    [t("profile.role"), `${roleName(user.role)}${user.is_owner ? ` · ${t("profile.owner")}` : ""}`],
    [t("profile.since"), day(user.created_at)],
  ];
  const reading = user.conversations_may_be_read ? createRemark(t("profile.may_be_read"), "warn") : createRemark(t("profile.not_read"), "calm");
  fill(
    content,
    createPanel(t("profile.who"), "", createFacts(facts), createNameForm(part)),
    createPanel(t("login.email"), t("profile.email_lead"), createEmailForm(part)),
    createPanel(t("language.name"), t("profile.language_lead"), h("div", {}, createLanguageSwitch(onLanguage))),
    createPanel(t("profile.reading"), "", reading),
  );
}

/**
 * @param {Part} part What it works with.
 * @returns {HTMLFormElement} The name.
 */
function createNameForm({ context }) {
  const accounts = makeAccounts(context.client);
  const name = createField({ label: t("setup.name"), name: "name", autocomplete: "name", value: context.user.name });
  const send = async () => {
    const wanted = name.input.value.trim();
    if (!isComplete({ name }, { name: wanted ? null : t("setup.name_missing") })) return null;
    try {
      context.onUser(await accounts.change({ name: wanted }));
      context.toasts.show(t("profile.name_saved"));
      return null;
    } catch (error) {
      return shownAtField(error, { name });
    }
  };
  return createForm({ fields: [name.element], submit: t("form.save"), busy: t("form.saving"), isSmall: true, send });
}

/**
 * @param {Part} part What it works with.
 * @returns {HTMLFormElement} The e-mail.
 */
function createEmailForm({ context, account }) {
  const email = createField({ label: t("profile.new_email"), name: "email", type: "email", autocomplete: "username", value: context.user.email });
  const send = async () => {
    const wanted = email.input.value.trim();
    if (!isComplete({ email }, { email: emailProblem(wanted) })) return null;
    try {
      context.onUser(await account.changeEmail(wanted));
      context.toasts.show(t("profile.email_saved"));
      return null;
    } catch (error) {
      return shownAtField(error, { email });
    }
  };
  return createForm({ fields: [email.element], submit: t("form.save"), busy: t("form.saving"), isSmall: true, send });
}
