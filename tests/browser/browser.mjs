// A Chromium whose every request, message and refusal is seen.
import assert from "node:assert/strict";
import { createServer } from "node:net";
import { chromium, settings } from "./settings.mjs";

// No wait is longer; a page that does not come to it within this fails.
const PATIENCE = 20_000;

const FLAGS = [
  "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
  "--disable-component-update", "--disable-sync",
];

// Where Chromium itself calls, whatever page it shows. A page that called there would be seen as a page's request.
const CHROMIUM_CALLS = /(^|[/.])(google|googleapis|gvt1)\.com[:/]/;

/** Takes the place of the world: what the browser sends to another machine comes here, is noted and refused. */
async function outside() {
  const asked = [];
  const server = createServer((socket) => {
    socket.on("error", () => {});
    socket.once("data", (bytes) => {
      const target = bytes.toString("latin1").split(" ")[1];
      if (!CHROMIUM_CALLS.test(target)) asked.push(target);
      socket.end("HTTP/1.1 403 Forbidden\r\ncontent-length: 0\r\n\r\n");
    });
  });
  await new Promise((listening) => server.listen(0, "127.0.0.1", listening));
  return { asked, server };
}

/** Notes in `faults` what a page must not do; `page.expected` has the statuses of refusals that a test provokes. */
function watch(page, faults) {
  page.expected = [];
  const host = new URL(settings.address).hostname;
  page.on("request", (request) => {
    const url = new URL(request.url());
    const local = ["data:", "blob:"].includes(url.protocol) || url.hostname === host;
    if (!local) faults.push(`a request to ${url.href}`);
  });
  page.on("response", (response) => {
    if (response.status() < 400) return;
    const known = page.expected.indexOf(response.status());
    if (known < 0) faults.push(`${response.status()} from ${response.url()}`);
    else page.expected.splice(known, 1);
  });
  page.on("console", (message) => {
    // Refusals are counted above. A violated content security policy is an error that stands here.
    const refusal = message.text().startsWith("Failed to load resource: the server responded with a status of");
    if (message.type() === "error" && !refusal) faults.push(`in the console: ${message.text()}`);
  });
  page.on("pageerror", (error) => faults.push(`an exception: ${error.stack}`));
}

/**
 * Runs `work` with a function that opens a page (with options such as `colorScheme` and `viewport`), then holds against
 * the pages what they did: a request to another machine, an error in the console, an exception, an answer of 400 or more
 * that nobody expected.
 */
export async function withBrowser(work) {
  const world = await outside();
  const proxy = `--proxy-server=http://127.0.0.1:${world.server.address().port}`;
  // Playwright gives every launch a fresh profile and removes it.
  const options = { executablePath: settings.chromium, args: [...FLAGS, proxy], timeout: PATIENCE * 2 };
  const browser = await chromium.launch(options);
  const faults = [];
  try {
    await work(async (options = {}) => {
      const context = await browser.newContext({ viewport: { width: 1280, height: 900 }, ...options });
      context.setDefaultTimeout(PATIENCE);
      const page = await context.newPage();
      watch(page, faults);
      return page;
    });
  } finally {
    await browser.close();
    world.server.close();
  }
  assert.deepEqual(faults, [], "what the pages did wrong");
  assert.deepEqual(world.asked, [], "what was asked of other machines");
}

/** Says what was seen. */
export function saw(what) {
  console.log(`  ${what}`);
}
