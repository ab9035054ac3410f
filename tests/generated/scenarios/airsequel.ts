// What a user of the TypeScript client does with a SQLite database, against the server at the address in the first argument.
import assert from 'node:assert/strict';
import { createClient, createConfig, createDatabase, getTable, openSession, runSql } from 'boathouse-airsequel';

const [address, name, password] = process.argv.slice(2) as [string, string, string];
const SCRIPT = 'CREATE TABLE boats (id INTEGER PRIMARY KEY, name TEXT NOT NULL, length REAL)';
const INSERT = "INSERT INTO boats (name, length) VALUES ('Ann', 7.5), ('Bob', NULL) RETURNING id";

const anybody = createClient(createConfig({ baseUrl: address }));
const refused = await openSession({ client: anybody, body: { username: name, password: `${password}?` } });
assert.equal(refused.response?.status, 401);
assert(refused.error?.errors[0]);
console.log(`a wrong password is refused, 401: ${refused.error.errors[0].message}`);

const session = await openSession({ client: anybody, body: { username: name, password } });
assert(session.data);
const client = createClient(createConfig({ baseUrl: address, auth: session.data.sessionToken }));
console.log(`signed in as ${session.data.username}`);

const made = await createDatabase({ client, body: { name: 'boats of TypeScript', query: SCRIPT } });
assert(made.data);
assert.equal(made.data.ownerName, name);
const dbId = made.data.id;
console.log(`made the database ${dbId}`);

const result = await runSql({ client, path: { dbId }, body: { query: INSERT } });
assert.deepEqual(result.data?.errors, []);
assert.deepEqual([result.data.numChanges, result.data.rows, result.data.affectedTables], [2, [{ id: 1 }, { id: 2 }], ['boats']]);
console.log('inserted two rows, whose numbers came back');

const wrong = await runSql({ client, path: { dbId }, body: { query: 'SELECT nope FROM boats' } });
assert.deepEqual(wrong.data?.rows, []);
assert(wrong.data.errors[0]?.includes('nope'));
console.log(`a wrong statement is told in the result: ${wrong.data.errors[0]}`);

const table = await getTable({ client, path: { dbId, tableId: 'boats' } });
assert.equal(table.data?.numberOfRows, 2);
const cells = Object.fromEntries(table.data.columns.map((column) => [column.name, column.items]));
assert.deepEqual([cells.name, cells.length], [['Ann', 'Bob'], [7.5, null]]);
console.log('read them as a table');

const missing = await getTable({ client, path: { dbId, tableId: 'ships' } });
assert.equal(missing.response?.status, 404);
assert(missing.error?.errors[0]);
console.log(`another table is not there, 404: ${missing.error.errors[0].message}`);
