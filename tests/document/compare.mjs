// Prints what differs between two documents as JSON, classified by api-smart-diff: `node compare.mjs OLD NEW`. The
// directory whose `node_modules` has it is NODE_PACKAGES.
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";

const { apiCompare } = createRequire(join(process.env.NODE_PACKAGES, "package.json"))("api-smart-diff");
const [before, after] = process.argv.slice(2).map((file) => JSON.parse(readFileSync(file, "utf8")));
const told = ({ type, action, path, description }) => ({ type, action, path: path.map(String), description });
console.log(JSON.stringify(apiCompare(before, after).diffs.map(told)));
