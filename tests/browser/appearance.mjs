// Both pages in light and dark, on a desktop and on a phone: nothing runs out at the side, and pictures for a person.
import assert from "node:assert/strict";
import { join } from "node:path";
import { accessible } from "./accessibility.mjs";
import { saw, withBrowser } from "./browser.mjs";
import * as documents from "./documents.mjs";
import { authorize, execute, shown, tryOut } from "./driver.mjs";
import { settings } from "./settings.mjs";

const SIZES = [{ width: 1280, height: 900 }, { width: 375, height: 812 }];
const NARROWEST = 360;

// What is in Swagger UI's own elements and no stylesheet can mend: copy buttons, lists and text fields have no name, and
// the button that opens an operation has the operation's link in it, and long code scrolls without a tab stop of its own
// (browsers give it one).
const OF_SWAGGER_UI = ["button-name", "select-name", "label", "nested-interactive", "scrollable-region-focusable"];

async function fits(page, what) {
  const [content, window] = await page.evaluate(() => [document.documentElement.scrollWidth, innerWidth]);
  assert.ok(content <= window, `${what} is ${content} wide in a window of ${window}`);
}

async function picture(page, name) {
  await page.screenshot({ path: join(settings.screenshots, `${name}.png`), fullPage: true });
}

async function startPage(page, name) {
  await page.goto(`${settings.address}/`);
  await picture(page, `start-${name}`);
}

/** An operation that was executed, with its answer. */
async function swaggerUi(page, name) {
  const document = documents.read(documents.merged);
  const operation = documents.executable(document)[0];
  await page.goto(`${settings.address}/docs/`);
  await shown(page, document.info.title);
  await authorize(page);
  await tryOut(page, operation.id);
  await execute(page, operation);
  await picture(page, `docs-${name}`);
}

/** The colours are those of the scheme: dark letters on light, or light on dark. */
async function coloured(page, colorScheme) {
  const [ground, letters] = await page.evaluate(() => {
    const brightness = (colour) => colour.match(/[\d.]+/g).slice(0, 3).reduce((sum, part) => sum + Number(part), 0);
    const [page, body] = [document.documentElement, document.body].map((element) => getComputedStyle(element));
    return [page.backgroundColor, body.color].map(brightness);
  });
  assert.equal(letters > ground, colorScheme === "dark", `${colorScheme}: ground ${ground}, letters ${letters}`);
}

await withBrowser(async (open) => {
  console.log("appearance");
  for (const colorScheme of ["light", "dark"]) {
    for (const viewport of SIZES) {
      const name = `${colorScheme}-${viewport.width}`;
      const page = await open({ colorScheme, viewport });
      for (const [what, visit, foreign] of [["start", startPage, []], ["docs", swaggerUi, OF_SWAGGER_UI]]) {
        await visit(page, name);
        await fits(page, `${what}-${name}`);
        await coloured(page, colorScheme);
        await accessible(page, `${what}-${name}`, foreign);
        if (viewport.width < 600) {
          await page.setViewportSize({ ...viewport, width: NARROWEST });
          await fits(page, `${what}-${name} at ${NARROWEST}`);
          await page.setViewportSize(viewport);
        }
      }
      await page.context().close();
    }
  }
  saw(`screenshots in ${settings.screenshots}`);
});
