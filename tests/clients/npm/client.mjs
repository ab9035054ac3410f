// Drives the published npm client against a server and prints what it saw as JSON.
// Usage: node client.mjs DIRECTORY_WITH_NODE_MODULES BASE_URL USERNAME PASSWORD TABLE
import { pathToFileURL } from 'node:url';
import path from 'node:path';

const [modules, baseUrl, username, password, table] = process.argv.slice(2);
// The package's own entry point names a file that it does not have.
const entry = path.join(modules, 'node_modules/@altertable/lakehouse/dist/src/index.js');
const { AltertableLakehouseClient } = await import(pathToFileURL(entry));
const client = new AltertableLakehouseClient({ baseUrl, username, password });
const place = { catalog: 'lakehouse', schema: 'main', table };
const rows = async () => (await client.queryAll({ statement: `SELECT id, name FROM ${table} ORDER BY id` }));

const seen = {};
seen.valid = await client.validate({ statement: 'SELECT 1' });
seen.invalid = await client.validate({ statement: 'SELECT FROM WHERE' });
// Its upsert is also how it uploads: the table is made from the first file.
await client.upsert({ ...place, primary_key: 'id' }, 'id,name\n1,Ann\n2,Bob\n');
seen.uploaded = await rows();
await client.upsert({ ...place, mode: 'upsert', primary_key: 'id' }, 'id,name\n2,Bobby\n3,Cid\n');
seen.upserted = await rows();
seen.appended = await client.append({ ...place, body: { id: 4, name: 'Dee' } });
seen.appendedMany = await client.append({ ...place, body: [{ id: 5, name: 'Eve' }, { id: 6, name: null }] });
for (let attempt = 0; attempt < 200; attempt += 1) {
  seen.after = await rows();
  if (seen.after.rows.length === 6) break;
  await new Promise((resolve) => setTimeout(resolve, 50));
}
try {
  await client.queryAll({ statement: 'SELECT * FROM nowhere_at_all' });
} catch (error) {
  seen.failure = String(error.message);
}
console.log(JSON.stringify(seen));
