import assert from "node:assert/strict";
import { test } from "node:test";

import { nameIn } from "../../ui/lib/saving.js";
import { tongueOf } from "../../ui/lib/tongue.js";

test("the language of a text is told by its small words", () => {
  assert.equal(tongueOf("La diferencia entre el kW y el kWh es que uno es potencia y el otro energía."), "es");
  assert.equal(tongueOf("The difference between a kW and a kWh is that one is power and the other energy."), "en");
});

test("a text that is too short or mixed is in no language", () => {
  assert.equal(tongueOf("Sí."), null);
  assert.equal(tongueOf("print(1)"), null);
});

test("a download has the name that the box gives it, accents included", () => {
  assert.equal(nameIn("attachment; filename=\"reunion.md\"; filename*=UTF-8''reuni%C3%B3n.md"), "reunión.md");
  assert.equal(nameIn('attachment; filename="plan.json"'), "plan.json");
  assert.equal(nameIn("attachment; filename*=UTF-8''%E0%A4%A"), "");
  assert.equal(nameIn(""), "");
});
