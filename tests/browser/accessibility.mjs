// What axe-core finds in a page, for those who do not see it, or do not use a mouse.
import assert from "node:assert/strict";
import { saw } from "./browser.mjs";
import { axeSource } from "./settings.mjs";

/** No finding of axe-core is serious or critical. `foreign` are rules that are not held against the page. */
export async function accessible(page, what, foreign = []) {
  await page.evaluate(axeSource);
  const rules = Object.fromEntries(foreign.map((rule) => [rule, { enabled: false }]));
  const options = { rules, preload: false };
  const { violations, passes } = await page.evaluate((told) => globalThis.axe.run(document, told), options);
  const serious = violations.filter(({ impact }) => ["serious", "critical"].includes(impact));
  const found = serious.flatMap(({ id, nodes }) => nodes.map((node) => `${id}: ${node.html} (${node.failureSummary})`));
  assert.deepEqual(found, [], `accessibility, ${what}`);
  const lesser = violations.map(({ id }) => id).join(", ");
  saw(`accessible, ${what}: ${passes.length} rules pass${lesser && `; not serious: ${lesser}`}`);
}
