// What the committed documents say, as far as a reader of the pages sees it.
import { readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { settings } from "./settings.mjs";

const METHODS = ["get", "put", "post", "delete", "options", "head", "patch", "trace"];

/** A committed document by the name of its file. */
export function read(file) {
  return JSON.parse(readFileSync(join(settings.documents, file), "utf8"));
}

/** The file that holds every product, the files of all documents, and those of one product each. */
export const merged = "boathouse.json";
export const files = readdirSync(settings.documents).filter((file) => file.endsWith(".json")).sort();
export const products = files.filter((file) => file !== merged);

/** Every operation of a document: what pages show of it, and the operation itself. */
export function operations(document) {
  return Object.entries(document.paths).flatMap(([path, entries]) =>
    METHODS.filter((method) => entries[method]).map((method) => {
      const operation = entries[method];
      const parameters = [...(entries.parameters ?? []), ...(operation.parameters ?? [])];
      const ways = operation.security ?? document.security ?? [];
      // One of the ways may be to say nothing.
      const secured = ways.length > 0 && ways.every((way) => Object.keys(way).length > 0);
      return { id: operation.operationId, method, path, summary: operation.summary, parameters, secured, operation };
    }),
  );
}

function resolved(document, value) {
  if (!value?.$ref) return value ?? {};
  return value.$ref.slice(2).split("/").reduce((at, name) => at[name], document);
}

/** Whether a parameter or a body's media type brings a value that can be sent as it stands. */
function hasExample(document, described) {
  const schema = resolved(document, described.schema);
  const examples = Object.values(described.examples ?? {}).filter((example) => !("x-unsent" in example));
  return [described.example, examples[0], schema.example, schema.default].some((value) => value !== undefined);
}

/**
 * Whether an operation can be executed as the Swagger UI fills it in: each required parameter has an example, and so has
 * the first media type of a required body.
 */
function isExecutable(document, { parameters, operation }) {
  const required = parameters.map((parameter) => resolved(document, parameter)).filter((parameter) => parameter.required);
  const body = operation.requestBody && resolved(document, operation.requestBody);
  const bodies = body?.required ? [Object.values(body.content)[0]] : [];
  return [...required, ...bodies].every((described) => hasExample(document, described));
}

/** The operations of a document that can be executed as they are. */
export function executable(document) {
  return operations(document).filter((one) => !isOfAnother(document, one) && isExecutable(document, one));
}

/**
 * Whether other examples go before, or its path has the id of what another operation makes, as of a query: the document's
 * check sends these in their order.
 */
function isOfAnother(document, { operation }) {
  const parameters = (operation.parameters ?? []).map((parameter) => resolved(document, parameter));
  return "x-after" in operation || parameters.some((parameter) => parameter.in === "path");
}

/** The parts of a form that an operation takes, as the body's first example has them: the UI takes none of it. */
export function parts(document, { operation }) {
  const body = operation.requestBody && resolved(document, operation.requestBody);
  const [type, described] = Object.entries(body?.content ?? {})[0] ?? [];
  return type === "multipart/form-data" ? Object.values(described.examples ?? {})[0]?.value ?? {} : {};
}

/** Whether the first media type of the body is JSON, so that something else than JSON must be refused. */
export function takesJson(document, { operation }) {
  const body = operation.requestBody && resolved(document, operation.requestBody);
  return body !== undefined && Object.keys(body.content)[0].startsWith("application/json");
}

/** The statuses that an operation documents as success. */
export function successes({ operation }) {
  return Object.keys(operation.responses).filter((status) => status.startsWith("2"));
}
