// One document in the Swagger UI: chosen from the list, all of its operations seen, and those executed that can be.
import assert from "node:assert/strict";
import { saw, withBrowser } from "./browser.mjs";
import * as documents from "./documents.mjs";
import { authorize, block, choices, choose, close, execute, fillForm, operationsShown, shown, tryOut } from "./driver.mjs";
import { settings } from "./settings.mjs";

const document = documents.read(settings.document);
const operations = documents.operations(document);
const executable = documents.executable(document);

/** Of the merged document one operation a product: all of them are executed in the product's own. */
function chosen() {
  if (settings.document !== documents.merged) return executable;
  const first = documents.products.map((file) => documents.executable(documents.read(file))[0].id);
  return executable.filter(({ id }) => first.includes(id));
}

/** The list offers exactly the committed documents, the merged one first, each as it is committed. */
async function listIsComplete(page) {
  const offered = await choices(page);
  const texts = await Promise.all(offered.map(async ({ address }) => (await page.request.get(address)).json()));
  const committed = documents.files.map(documents.read);
  assert.equal(texts.length, committed.length, "as many documents in the list as in openapi/");
  for (const one of committed) assert.ok(texts.some((text) => isSame(text, one)), `${one.info.title} is in the list`);
  assert.ok(isSame(texts[0], documents.read(documents.merged)), "the merged document is the first");
  return offered[texts.findIndex((text) => isSame(text, document))].address;
}

function isSame(left, right) {
  try {
    assert.deepEqual(left, right);
    return true;
  } catch {
    return false;
  }
}

/** Nobody is signed in: the refusal is seen on the page, and no window of the browser's own stands before it. */
async function refusedWithoutCredentials(page) {
  const secured = executable.find((operation) => operation.secured);
  if (!secured) return;
  const found = await tryOut(page, secured.id);
  page.expected.push(401);
  const { status, body } = await execute(page, secured);
  assert.equal(status, 401, `${secured.id} without credentials`);
  assert.notEqual(body, "", "a refusal says why");
  await close(found);
  saw(`${secured.id} without credentials: 401`);
}

async function examplesSucceed(page) {
  for (const operation of chosen()) {
    const found = await tryOut(page, operation.id);
    await fillForm(found, documents.parts(document, operation));
    const { status } = await execute(page, operation);
    const wanted = documents.successes(operation);
    assert.ok(wanted.includes(String(status)), `${operation.id}: ${status}, and the document promises ${wanted}`);
    saw(`${operation.id} with its example: ${status}`);
    await close(found);
  }
}

async function refusedBody(page) {
  const operation = executable.find((candidate) => documents.takesJson(document, candidate));
  if (!operation) return;
  const found = await tryOut(page, operation.id);
  await found.locator(".body-param__text").fill("no JSON at all");
  page.expected.push(400);
  assert.equal((await execute(page, operation)).status, 400, `${operation.id} with what is no JSON`);
  await close(found);
  saw(`${operation.id} with what is no JSON: 400`);
}

/** What the sample's file says, asked in SQL: the rows that a reader counts by hand. */
async function sampleRows(page) {
  const operation = operations.find(({ id }) => id === "run_query");
  if (!operation) return;
  const found = await tryOut(page, operation.id);
  const statement =
    "SELECT weather, count(*), max(temp_max) FROM lakehouse.main.weather GROUP BY weather ORDER BY count(*) DESC";
  await found.locator(".body-param__text").fill(JSON.stringify({ statement }));
  const { body } = await execute(page, operation);
  const rows = body.trimEnd().split("\n").slice(2).map((line) => JSON.parse(line));
  assert.deepEqual(rows, settings.kinds, "the rows on the page are those of the file");
  await close(found);
  saw(`the sample's ${rows.length} kinds of weather, as counted by hand`);
}

/** Whoever signed in is so after the page is loaded again, and an operation has an address of its own. */
async function addressesLead(page) {
  const { id } = operations.at(-1);
  await tryOut(page, id);
  const address = page.url();
  assert.match(decodeURIComponent(address), new RegExp(`#/.+/${id}$`), "opening an operation changes the address");
  await page.goto("about:blank");
  await page.goto(address);
  await shown(page, document.info.title);
  await block(page, id).locator("button.execute").waitFor();
  await page.locator(".scheme-container .authorize.locked").waitFor();
  saw("a deep link opens the operation, and the sign-in has stayed");
}

await withBrowser(async (open) => {
  console.log(`${document.info.title}: ${operations.length} operations, ${executable.length} executable as they are`);
  const page = await open();
  // As a newcomer: from the start page.
  await page.goto(`${settings.address}/`);
  await page.getByRole("link", { name: "Try every request" }).click();
  await shown(page, documents.read(documents.merged).info.title);
  assert.match(await page.title(), /^Boathouse/);
  assert.equal((await page.locator(".bar .brand").textContent()).trim(), "Boathouse");

  await choose(page, await listIsComplete(page), document.info.title);
  const expected = operations.map(({ id, method, path, summary }) => ({ id, method, path, summary }));
  const byId = (left, right) => left.id.localeCompare(right.id);
  assert.deepEqual((await operationsShown(page)).sort(byId), expected.sort(byId), "the operations on the page");
  assert.ok(executable.length > 0, "at least one operation can be executed as it is");

  await refusedWithoutCredentials(page);
  await authorize(page);
  await examplesSucceed(page);
  await refusedBody(page);
  await sampleRows(page);
  await addressesLead(page);
});
