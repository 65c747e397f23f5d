/** Whether a chat stays in the house: shown only where questions may leave it at all. */

import { makeProviders } from "../../api/providers.js";
import { createTick } from "../../components/choices.js";
import { fill } from "../../lib/elements.js";
import { t } from "../../lib/texts.js";

/**
 * Shows the tick for a chat, or nothing where no provider elsewhere is in use.
 *
 * @param {HTMLElement} place Where.
 * @param {object} chat Which chat.
 * @param {import("../../api/client.js").Client} chat.client Sends requests.
 * @param {string | null} chat.id Its id; null while it has not begun.
 * @param {boolean} chat.isKept Whether one that has not begun will stay.
 * @param {(isKept: boolean) => void} chat.onNew Called with the choice for one that has not begun.
 * @param {(error: unknown) => void} chat.onProblem Called if it cannot be changed.
 */
export async function showHouseOnly(place, { client, id, isKept, onNew, onProblem }) {
  const providers = makeProviders(client);
  const change = async (/** @type {boolean} */ isWanted, /** @type {HTMLInputElement} */ input) => {
    if (id === null) {
      onNew(isWanted);
      return;
    }
    try {
      await providers.keepInHouse(id, isWanted);
    } catch (error) {
      input.checked = !isWanted;
      onProblem(error);
    }
  };
  try {
    const { cloud, names } = await providers.inUse();
    if (!cloud) {
      fill(place);
      return;
    }
    const isOn = id === null ? isKept : (await providers.conversation(id)).local_only;
    const hint = t("providers.house_only_hint", { names: names.join(", ") });
    const tick = createTick({ label: t("providers.house_only"), hint, isOn, onChange: (isWanted) => void change(isWanted, tick.input) });
    fill(place, tick.element);
  } catch (error) {
    onProblem(error);
  }
}
