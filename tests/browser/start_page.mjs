// The start page: what it tells is true, its links lead somewhere, its lines to copy work, also behind a proxy.
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { accessible } from "./accessibility.mjs";
import { saw, withBrowser } from "./browser.mjs";
import * as documents from "./documents.mjs";
import { authorize, execute, shown, tryOut } from "./driver.mjs";
import { withPrefix } from "./prefix.mjs";
import { settings } from "./settings.mjs";

const shell = promisify(execFile);

/** Each operation of each product, with what its document says of it. */
async function operationsAreListed(page) {
  const listed = await page.locator(".operations li a").evaluateAll((links) =>
    links.map((link) => {
      const text = (name) => link.querySelector(`.${name}`).textContent;
      return [text("id"), text("method").toLowerCase(), text("path"), text("summary")].join(" ");
    }),
  );
  const written = documents.products.flatMap((file) => documents.operations(documents.read(file)));
  const expected = written.map(({ id, method, path, summary }) => [id, method, path, summary.replaceAll("`", "")].join(" "));
  assert.deepEqual(listed.sort(), expected.sort(), "the operations on the page");
  const version = documents.read(documents.merged).info.version;
  assert.equal(await page.locator(".version").textContent(), version, "the version on the page");
  saw(`${listed.length} operations of ${documents.products.length} product(s), version ${version}`);
}

/** Every link of this server answers, and a product's operation opens in the Swagger UI. */
async function linksLead(page) {
  const targets = await page.locator("a").evaluateAll((links) => links.map((link) => link.href.split("#")[0]));
  for (const target of new Set(targets)) {
    assert.equal((await page.request.get(target)).status(), 200, target);
  }
  const operation = page.locator(".operations li a").first();
  const id = await operation.locator(".id").textContent();
  await operation.click();
  await page.locator(".opblock.is-open .opblock-summary-operation-id").filter({ hasText: id }).waitFor();
  saw(`${new Set(targets).size} links, and ${id} opens in the Swagger UI`);
}

/** Copies the lines into a shell, with a name, a file and a table filled in. */
async function linesWork(page, table) {
  const lines = await page.locator("pre.request").allInnerTexts();
  const shown = await page.locator("pre.answer").innerText();
  assert.ok(lines.length > 0 && !lines.join().includes(settings.password));
  const filled = (line) =>
    line
      .replace(/\bNAME\b/, `'${settings.username}:${settings.password}'`)
      .replace("FILE.csv", settings.sample)
      .replace("table=TABLE", `table=${table}`);
  const answers = [];
  for (const line of lines) {
    // Not blocking: the proxy between may be in this process.
    const command = filled(line).replace(/^curl /, "curl --fail --silent --show-error --max-time 20 --noproxy '*' ");
    answers.push((await shell("sh", ["-c", command])).stdout);
  }
  assert.ok(answers[0].trimEnd().endsWith(shown.trim()), `the page shows ${shown}, the answer is ${answers[0]}`);
  saw(`${lines.length} lines to copy, run in a shell`);
}

/** Behind a proxy that serves all of this under a prefix. */
async function prefixed(open) {
  await withPrefix("/team/boathouse", async (address) => {
    const page = await open();
    await page.goto(`${address}/`);
    await linesWork(page, "copied_through_proxy");
    assert.ok((await page.locator("pre.request").first().innerText()).includes(`${address}/`), "the proxy's own address");
    await page.getByRole("link", { name: "Try every request" }).click();
    const document = documents.read(documents.merged);
    await shown(page, document.info.title);
    await authorize(page);
    const operation = documents.executable(document)[0];
    await tryOut(page, operation.id);
    const { status } = await execute(page, operation);
    assert.ok(documents.successes(operation).includes(String(status)), `${operation.id}: ${status}`);
    saw(`under a prefix: the page, its lines, and ${operation.id} in the Swagger UI`);
  });
}

await withBrowser(async (open) => {
  console.log("the start page");
  const page = await open();
  await page.goto(`${settings.address}/`);
  await operationsAreListed(page);
  await linksLead(page);
  await page.goto(`${settings.address}/`);
  await linesWork(page, "copied");
  for (const colorScheme of ["light", "dark"]) {
    await page.emulateMedia({ colorScheme });
    await accessible(page, colorScheme);
  }
  await prefixed(open);
});
