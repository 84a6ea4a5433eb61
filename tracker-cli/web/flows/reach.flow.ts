import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { connect, createServer } from "node:net";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Page } from "playwright-core";
import { drawn, eventually, flow, TRACKER } from "./harness.ts";

/** A port that leads to another one, as `ssh -L` and `docker -p` make them. */
async function forwarded(to: number): Promise<{ port: number; close(): void }> {
  const server = createServer((near) => {
    const far = connect(to, "127.0.0.1");
    near.pipe(far).pipe(near);
    near.on("error", () => far.destroy());
    far.on("error", () => near.destroy());
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return { port: (server.address() as AddressInfo).port, close: () => server.close() };
}

async function freePort(): Promise<number> {
  const { port, close } = await forwarded(1);
  close();
  return port;
}

/** The real proxy before a server. It shows the page under `/lab`, and takes that away or not. */
async function behindNginx(to: number, takesAway: boolean): Promise<{ port: number; close(): Promise<void> }> {
  const [folder, port] = [mkdtempSync(join(tmpdir(), "tracker-nginx-")), await freePort()];
  const temporary = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"].map((kind) => `${kind}_temp_path ${folder}/${kind};`).join(" ");
  const location = `location /lab/ { proxy_pass http://127.0.0.1:${to}${takesAway ? "/" : ""}; proxy_http_version 1.1; proxy_set_header Host $http_host; }`;
  writeFileSync(
    join(folder, "nginx.conf"),
    `daemon off; pid ${folder}/pid; error_log ${folder}/error; events {} http { access_log off; ${temporary} server { listen 127.0.0.1:${port}; ${location} } }`,
  );
  const child = spawn(process.env["NGINX"] ?? "/usr/sbin/nginx", ["-p", folder, "-c", join(folder, "nginx.conf")], { stdio: "ignore" });
  await eventually("nginx listens", async () =>
    fetch(`http://127.0.0.1:${port}/`).then(
      () => true,
      () => false,
    ),
  );
  const close = async (): Promise<void> => {
    const ended = once(child, "exit");
    child.kill();
    await ended;
    rmSync(folder, { recursive: true, force: true });
  };
  return { port, close };
}

/** The pages work from here: curves, live news, pictures, changes, and the addresses that links lead to. */
async function works(page: Page, start: string, run: string): Promise<void> {
  await page.goto(`${start}/p/sweep`);
  assert.equal((await drawn(page, "train/loss"))["series"], "10");
  await page.locator('[data-connection="live"]').waitFor();
  await page.locator(".rail .run-name").first().click();
  await page.locator('[data-page="run"]').waitFor();
  assert.ok(page.url().startsWith(`${start}/r/`), page.url());
  await page.goto(`${start}/r/${run}?tab=media`);
  await eventually("a picture", () =>
    page.locator('[data-media="picture"] img').evaluate((image) => (image as HTMLImageElement).naturalWidth === 64),
  );
  await page.goto(`${start}/r/${run}`);
  await page.click('[data-action="edit-notes"]');
  await page.fill('[data-input="notes"]', `seen from ${start}`);
  await page.click('[data-action="save-notes"]');
  await page.locator('[data-text="notes"]', { hasText: `seen from ${start}` }).waitFor();
  await page.reload();
  await page.locator('[data-text="notes"]', { hasText: `seen from ${start}` }).waitFor();
  await page.click(".brand");
  await page.locator('[data-page="home"]').waitFor();
  assert.equal(page.url(), `${start}/`);
}

flow("through a tunnel with another port the page works", async ({ page, id, serve }) => {
  const tunnel = await forwarded((await serve([])).port);
  try {
    await works(page, `http://localhost:${tunnel.port}`, await id("rich"));
  } finally {
    tunnel.close();
  }
});

flow("behind nginx, under a name and a path of its own, the page works", async ({ page, id, serve }) => {
  const { port } = await serve(["--allow-host", "box.test", "--base-path", "/lab"]);
  for (const takesAway of [false, true]) {
    const proxy = await behindNginx(port, takesAway);
    try {
      await works(page, `http://box.test:${proxy.port}/lab`, await id("rich"));
    } finally {
      await page.goto("about:blank");
      await proxy.close();
    }
  }
});

flow("under a name that nobody allowed, a page says what to do", async ({ page, serve, expectStatus }) => {
  expectStatus(421);
  const { port } = await serve([]);
  await page.goto(`http://box.test:${port}/p/sweep`);
  await page.locator("code", { hasText: "tracker ui --allow-host box.test" }).waitFor();
});

flow("the file that a browser is given leads to the page, and only once", async ({ page, store, expectStatus }) => {
  expectStatus(403);
  const folder = join(store, ".desktop");
  mkdirSync(folder);
  const opener = join(folder, process.platform === "darwin" ? "open" : "xdg-open");
  writeFileSync(opener, `#!/bin/sh\nprintf %s "$1" > "${folder}/new" && mv "${folder}/new" "${folder}/given"\n`);
  chmodSync(opener, 0o755);
  const env = { ...process.env, TRACKER_DIR: store, DISPLAY: ":99", PATH: `${folder}:${process.env["PATH"]}` };
  const server = spawn(TRACKER, ["ui", "--port", "0", "--token", "--json"], { env, stdio: "ignore" });
  try {
    await eventually("a browser is started", async () => existsSync(join(folder, "given")));
    const file = readFileSync(join(folder, "given"), "utf8");
    await page.goto(`file://${file}`);
    await page.locator('[data-page="home"] .projects').waitFor();
    assert.equal(new URL(page.url()).search, "", "no secret stands in the address");
    await page.reload();
    await page.locator('[data-page="home"] .projects').waitFor();
    await page.context().clearCookies();
    await page.goto(`file://${file}`);
    await page.locator("h1", { hasText: "asks for its token" }).waitFor();
  } finally {
    server.kill();
  }
});
