// What run.py told, and the packages that it installed.
import { createRequire } from "node:module";
import { readFileSync } from "node:fs";

export const settings = JSON.parse(process.env.BROWSER_CHECK);

const require = createRequire(`${process.env.NODE_PACKAGES}/package.json`);
export const { chromium } = require("playwright-core");
export const axeSource = readFileSync(require.resolve("axe-core/axe.min.js"), "utf8");
