import assert from "node:assert/strict";
import { test } from "node:test";

import { blocksOf } from "../../ui/lib/markdown.js";

const htmlOf = (text, isGrowing = false) => blocksOf(text, { isGrowing }).map(({ html }) => html().trim()).join("");

test("raw HTML is text", () => {
  assert.equal(htmlOf("<b onclick=x>hi</b>"), "<p>&lt;b onclick=x&gt;hi&lt;/b&gt;</p>");
  assert.equal(htmlOf("<script>\nrun()\n</script>"), "&lt;script&gt;\nrun()\n&lt;/script&gt;");
});

test("a picture from elsewhere is a link", () => {
  assert.equal(htmlOf('![a "b"](https://x.example/p.png)'), '<p><a href="https://x.example/p.png">a &quot;b&quot;</a></p>');
});

test("prices stay text", () => {
  assert.equal(htmlOf("From $4 to R$ 12,29"), "<p>From $4 to R$ 12,29</p>");
});

test("marks that are not closed yet are closed while the text grows, and only then", () => {
  assert.equal(htmlOf("so **bold", true), "<p>so <strong>bold</strong></p>");
  assert.equal(htmlOf("so **bold"), "<p>so **bold</p>");
});

test("blocks that are complete stay the same while the last one grows", () => {
  const before = blocksOf("One.\n\nTwo is gro", { isGrowing: true });
  const after = blocksOf("One.\n\nTwo is growing", { isGrowing: true });

  assert.equal(after[0].raw, before[0].raw);
  assert.notEqual(after[1].raw, before[1].raw);
});

test("a fence that is still open is a block of code already", () => {
  const [block] = blocksOf("```python title\nprint(1)", { isGrowing: true });

  assert.deepEqual(block.code, { text: "print(1)", language: "python" });
});

test("tasks are boxes of text, not controls", () => {
  assert.match(htmlOf("- [x] done\n- [ ] open"), /☑ done[\s\S]*☐ open/u);
  assert.doesNotMatch(htmlOf("- [x] done"), /<input/u);
});

test("formulas are read between two dollars and in brackets with a backslash, in a line and by themselves", () => {
  assert.equal(htmlOf("With \\(a^2\\) and $$x<y$$."), '<p>With <code class="language-formula-inline">a^2</code> and <code class="language-formula-inline">x&lt;y</code>.</p>');
  assert.equal(htmlOf("so\n\\[ x_1 + *x*_2 \\]\nthen"), '<p>so</p><p><code class="language-formula-block">x_1 + *x*_2</code></p><p>then</p>');
});

test("a formula that is not closed, or stands in code, is text", () => {
  assert.equal(htmlOf("open $$ never"), "<p>open $$ never</p>");
  assert.equal(htmlOf("`$$x$$`"), "<p><code>$$x$$</code></p>");
});
