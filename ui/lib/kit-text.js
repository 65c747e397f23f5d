/** The recovery kit as a text file. */

/**
 * Returns the text.
 *
 * @param {object} kit What is in it.
 * @param {string} kit.title Its heading.
 * @param {readonly [string, string][]} kit.facts Name and value.
 * @param {readonly string[]} kit.codes The codes.
 * @param {string} kit.how How one is used.
 * @param {string} kit.warning Who else could use it.
 * @returns {string} Lines that every text program shows alike.
 */
export function kitText({ title, facts, codes, how, warning }) {
  const width = Math.max(...facts.map(([name]) => name.length));
  const heading = `Nodo – ${title}`;
  const lines = [
    heading,
    "=".repeat(heading.length),
    "",
    ...facts.map(([name, value]) => `${name.padEnd(width)}  ${value}`),
    "",
    ...codes.map((code, at) => `${String(at + 1).padStart(2)}. ${code}`),
    "",
    how,
    warning,
    "",
  ];
  // Windows' editors show nothing else as separate lines everywhere.
  return lines.join("\r\n");
}
