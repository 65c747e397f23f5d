/** Printing one part of the page alone. */

/**
 * Opens the browser's print dialog with nothing but this element on the paper.
 *
 * @param {HTMLElement} element What is printed; the page itself stays as it is.
 */
export function printAlone(element) {
  const paper = document.createElement("div");
  paper.className = "paper";
  paper.append(element.cloneNode(true));
  document.body.append(paper);
  globalThis.addEventListener("afterprint", () => paper.remove(), { once: true });
  globalThis.print();
}
