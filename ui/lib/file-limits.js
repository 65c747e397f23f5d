/** Which files may go with a question (docs/api.md, "Files"). */

/** What may go with one question. The box has the last word; this is told before anything is sent. */
export const FILE_LIMITS = {
  most: 10,
  mostBytes: 25_000_000,
  endings: Object.freeze("pdf docx txt text md markdown csv tsv log json jsonl yaml yml toml ini sql".split(" ")),
};
