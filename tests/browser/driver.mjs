// The Swagger UI as a person uses it: choose a document, sign in, open an operation, execute it, read the answer.
import assert from "node:assert/strict";
import { settings } from "./settings.mjs";

/** Waits until the document that is chosen is shown: its title and its operations. */
export async function shown(page, title) {
  await page.locator(".info .title").filter({ hasText: title }).waitFor();
  await page.locator(".opblock").first().waitFor();
}

/** What the list of documents offers: their names and addresses. */
export async function choices(page) {
  return page.locator(".topbar select option").evaluateAll((options) =>
    options.map((option) => ({ name: option.textContent, address: option.value })),
  );
}

/** Chooses a document from the list. */
export async function choose(page, address, title) {
  await page.locator(".topbar select").selectOption(address);
  await shown(page, title);
}

/** Every operation on the page. */
export async function operationsShown(page) {
  return page.locator(".opblock").evaluateAll((blocks) =>
    blocks.map((block) => {
      const text = (name) => block.querySelector(`.opblock-summary-${name}`).textContent.replaceAll("\u200b", "").trim();
      const [id, path, summary] = ["operation-id", "path", "description"].map(text);
      return { id, method: text("method").toLowerCase(), path, summary };
    }),
  );
}

/** Signs in with the Basic scheme, as the Authorize button offers it. */
export async function authorize(page) {
  await page.locator(".scheme-container .authorize").click();
  const scheme = page.locator(".modal-ux .auth-container").filter({ has: page.locator("input[type=password]") }).first();
  await scheme.locator("input:not([type=password])").fill(settings.username);
  await scheme.locator("input[type=password]").fill(settings.password);
  await scheme.locator("button.authorize").click();
  // The fields are gone once the credentials are taken.
  await page.locator(".modal-ux button").filter({ hasText: "Logout" }).first().waitFor();
  await page.locator(".modal-ux .close-modal").click();
}

/** The block of an operation. */
export function block(page, id) {
  const named = page.locator(".opblock-summary-operation-id").filter({ hasText: new RegExp(`^${id}$`) });
  return page.locator(".opblock").filter({ has: named });
}

/** Opens an operation to be tried out. */
export async function tryOut(page, id) {
  const found = block(page, id);
  if (!(await found.evaluate((element) => element.classList.contains("is-open")))) {
    await found.locator(".opblock-summary-control").click();
  }
  await found.locator(".try-out__btn").first().waitFor();
  const asleep = found.locator(".try-out__btn:not(.cancel, .reset)");
  if (await asleep.count()) await asleep.click();
  await found.locator("button.execute").waitFor();
  return found;
}

/** Fills in a form: files are chosen, and what `parts` leaves out stays as the UI has it, which is empty. */
export async function fillForm(found, parts) {
  for (const row of await found.locator("[data-property-name]").all()) {
    const name = await row.getAttribute("data-property-name");
    const [chooser, field] = ["file", "text"].map((type) => row.locator(`input[type=${type}]`));
    if (await chooser.count()) {
      await chooser.setInputFiles({ name: "example.csv", mimeType: "text/csv", buffer: Buffer.from(parts[name] ?? "") });
    } else if (await field.count()) {
      if (name in parts) await field.fill(parts[name]);
      else assert.equal(await field.inputValue(), "", `${name} is not filled in by itself`);
    }
  }
}

/** Folds an operation up again. */
export async function close(found) {
  await found.locator(".opblock-summary-control").click();
  await found.locator(".opblock-body").waitFor({ state: "detached" });
}

/** Presses Execute. Answers what went over the wire and what the page shows of it, which must be the same. */
export async function execute(page, { id, method }) {
  const found = block(page, id);
  const answered = page.waitForResponse(
    (response) => response.request().method() === method.toUpperCase() && response.request().resourceType() === "fetch",
  );
  await found.locator("button.execute").click();
  const response = await answered;
  const status = response.status();
  const [bytes, headers] = [await response.body(), await response.allHeaders()];
  const live = found.locator(".live-responses-table");
  // The answer before it stays until the new one is there; each has an id of its own.
  await live.filter({ hasText: headers["x-request-id"] }).waitFor();
  const code = await live.locator("tbody .response-col_status").first().evaluate((cell) => parseInt(cell.textContent, 10));
  assert.equal(code, status, `${id}: the status on the page`);
  const body = await bodyShown(live, bytes, headers["content-type"] ?? "", id);
  return { status, body };
}

/** The body on the page, which must be the one that was sent: the same text, or the same JSON laid out for a reader. */
async function bodyShown(live, bytes, type, id) {
  const text = bytes.toString("utf8");
  const pre = live.locator(".highlight-code pre");
  if (bytes.length === 0 || (await pre.count()) === 0) {
    assert.ok(bytes.length === 0 || !/json|text|csv/.test(type), `${id}: the page shows no body of type ${type}`);
    return "";
  }
  const body = await pre.first().evaluate((element) => element.textContent);
  if (/^application\/json\b/.test(type)) assert.deepEqual(JSON.parse(body), JSON.parse(text), `${id}: the body on the page`);
  else assert.equal(body.trimEnd(), text.trimEnd(), `${id}: the body on the page`);
  return body;
}
