/** A table that becomes cards where there is no room for columns. */

import { h } from "../lib/elements.js";

/**
 * @template T
 * @typedef {object} Column
 * @property {string} name Its heading; empty for a column of buttons.
 * @property {(row: T) => Node | string | null} of What stands in it.
 */

/**
 * Returns the table. Its roles are spelt out: browsers take them away from tables that are laid out as cards.
 *
 * @template T
 * @param {object} look What it shows.
 * @param {string} look.caption What it lists.
 * @param {readonly Column<T>[]} look.columns From left to right; the first one names the row.
 * @param {readonly T[]} look.rows From top to bottom.
 * @param {(row: T) => string} [look.idOf] Marks each row.
 * @returns {HTMLElement} The table.
 */
export function createRecordTable({ caption, columns, rows, idOf }) {
  const headings = columns.map(({ name }) => h("th", { role: "columnheader", scope: "col" }, name || h("span", { class: "visually-hidden" }, name)));
  const lines = rows.map((row) => {
    const cells = columns.map(({ name, of }, at) => {
      const inner = h("div", { class: "records-value" }, of(row));
      return at === 0 ? h("th", { role: "rowheader", scope: "row" }, inner) : h("td", { role: "cell", "data-label": name }, inner);
    });
    return h("tr", { role: "row", "data-row": idOf ? idOf(row) : null }, ...cells);
  });
  return h(
    "table",
    { class: "records", role: "table" },
    h("caption", { class: "visually-hidden" }, caption),
    h("thead", { role: "rowgroup" }, h("tr", { role: "row" }, ...headings)),
    h("tbody", { role: "rowgroup" }, ...lines),
  );
}
