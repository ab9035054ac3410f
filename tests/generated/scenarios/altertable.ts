// What a user of the TypeScript client does, against the server at the address in the first argument.
import assert from 'node:assert/strict';
import { createClient, createConfig, runQuery, uploadTable, validateStatement, type Client } from 'boathouse-altertable';

const [address, name, password] = process.argv.slice(2) as [string, string, string];
const table = 'numbers_typescript';
// Each number below ROWS times each: as many rows as numbers below ROWS², every one of which is there once.
const ROWS = 600;
const ALL = ROWS * ROWS;
const PAIRS = `SELECT a.n * ${ROWS} + b.n AS number FROM ${table} a CROSS JOIN ${table} b`;
// Nobody waits for the end of this answer, which is about 13 terabytes.
const ENDLESS = 'SELECT * FROM generate_series(1, 1000000000000)';
const ENOUGH = 100_000;

function signIn(secret: string): Client {
  return createClient(createConfig({ baseUrl: address, auth: `${name}:${secret}` }));
}

function upload(client: Client) {
  const numbers = Array.from({ length: ROWS }, (_, n) => `${n}\n`);
  return uploadTable({
    client,
    query: { catalog: 'lakehouse', schema: 'main', table, mode: 'create' },
    body: new Blob(['n\n', ...numbers]),
  });
}

/** The lines of an answer, each as soon as it is there. */
async function* lines(body: ReadableStream<Uint8Array> | null | undefined): AsyncGenerator<string> {
  assert(body);
  let rest = '';
  const decoder = new TextDecoder();
  for await (const bytes of body) {
    const parts = (rest + decoder.decode(bytes, { stream: true })).split('\n');
    rest = parts.pop() ?? '';
    yield* parts;
  }
}

const client = signIn(password);
const valid = await validateStatement({ client, body: { statement: 'SELECT 1' } });
assert.equal(valid.data?.valid, true);
console.log(`signed in as ${name}; a right statement is valid`);

const invalid = await validateStatement({ client, body: { statement: 'SELECT FROM WHERE' } });
assert.equal(invalid.data?.valid, false);
assert(invalid.data.error);
console.log(`a wrong statement is not: ${invalid.data.error.split('\n')[0]}`);

const uploaded = await upload(client);
assert.equal(uploaded.response?.status, 200);
console.log(`uploaded ${ROWS} rows into ${table}`);

const pairs = await runQuery({ client, body: { statement: PAIRS }, parseAs: 'stream' });
const rows = lines(pairs.response?.body);
const metadata = JSON.parse((await rows.next()).value) as { statement: string };
assert.equal(metadata.statement, PAIRS);
assert.deepEqual(JSON.parse((await rows.next()).value), [{ name: 'number', type: 'BIGINT' }]);
let [count, total] = [0, 0];
for await (const row of rows) {
  const [number] = JSON.parse(row) as [number];
  count += 1;
  total += number;
}
assert.deepEqual([count, total], [ALL, (ALL * (ALL - 1)) / 2]);
console.log(`read ${count} rows with the sum ${total}`);

const endless = await runQuery({ client, body: { statement: ENDLESS }, parseAs: 'stream' });
let seen = 0;
for await (const _ of lines(endless.response?.body)) {
  seen += 1;
  if (seen === ENOUGH + 2) break;
}
assert.equal(seen, ENOUGH + 2);
console.log(`read ${ENOUGH} rows of an answer that has a million million, and went away`);

const refused = await upload(client);
assert.equal(refused.response?.status, 400);
assert(refused.error?.includes(table));
console.log(`a second table of that name is refused, 400: ${refused.error}`);

const stranger = await runQuery({ client: signIn(`${password}?`), body: { statement: 'SELECT 1' } });
assert.equal(stranger.response?.status, 401);
assert(stranger.error);
console.log(`a wrong password is refused, 401: ${stranger.error}`);
