// A proxy that serves Boathouse under a prefix, as teams put several servers behind one name.
import { createServer, request } from "node:http";
import { settings } from "./settings.mjs";

/** Runs `work` with the address of the proxy, the prefix at its end. */
export async function withPrefix(prefix, work) {
  const proxy = createServer((asked, answer) => {
    if (!asked.url.startsWith(`${prefix}/`)) {
      answer.writeHead(404).end("not under the prefix\n");
      return;
    }
    const { host } = asked.headers;
    const told = { "x-forwarded-host": host, "x-forwarded-proto": "http", "x-forwarded-prefix": prefix };
    const headers = { ...asked.headers, ...told, host: new URL(settings.address).host };
    const onward = request(settings.address + asked.url.slice(prefix.length), { method: asked.method, headers });
    onward.on("response", (response) => {
      answer.writeHead(response.statusCode, response.headers);
      response.pipe(answer);
    });
    onward.on("error", (error) => answer.destroy(error));
    asked.pipe(onward);
  });
  await new Promise((listening) => proxy.listen(0, "127.0.0.1", listening));
  try {
    await work(`http://127.0.0.1:${proxy.address().port}${prefix}`);
  } finally {
    proxy.closeAllConnections();
    proxy.close();
  }
}
