/** Serves the two built pages and the curves, and nothing else. */
import { readFileSync } from "node:fs";
import { createServer } from "node:http";
import type { IncomingMessage, Server, ServerResponse } from "node:http";
import { extname, join, normalize } from "node:path";
import { answer, POINTS } from "./points.ts";

const TYPES: Record<string, string> = { ".html": "text/html", ".js": "text/javascript", ".css": "text/css" };

/** Curves are computed once: the benchmark measures pages. */
const kept = new Map<string, Uint8Array>();

export function startServer(folder: string): Promise<{ server: Server; origin: string }> {
  const server = createServer((request, response) => {
    if (request.method === "POST") void sendCurves(request, response);
    else sendFile(folder, request.url ?? "/", response);
  });
  return new Promise((resolve) => {
    server.listen(0, "127.0.0.1", () => {
      const address = server.address();
      const port = typeof address === "object" && address ? address.port : 0;
      resolve({ server, origin: `http://127.0.0.1:${port}` });
    });
  });
}

async function sendCurves(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const parts: Buffer[] = [];
  for await (const part of request) parts.push(part as Buffer);
  const text = Buffer.concat(parts).toString();
  const { metrics, runs, buckets } = JSON.parse(text) as { metrics: string[]; runs: string[]; buckets?: number };
  const bytes = kept.get(text) ?? answer(metrics, runs, Math.min(buckets ?? POINTS, POINTS));
  kept.set(text, bytes);
  response.writeHead(200, { "content-type": "application/octet-stream", "content-length": bytes.length });
  response.end(bytes);
}

function sendFile(folder: string, url: string, response: ServerResponse): void {
  const path = normalize(new URL(url, "http://bench").pathname);
  try {
    const body = readFileSync(join(folder, path));
    response.writeHead(200, { "content-type": TYPES[extname(path)] ?? "application/octet-stream" });
    response.end(body);
  } catch {
    response.writeHead(404).end();
  }
}
