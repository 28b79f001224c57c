// What the walk and the pictures share: the running workbench, and Debian's Chromium without its own talk
// to elsewhere.

const { spawn } = require("node:child_process");

const CHROMIUM = "/usr/bin/chromium";
// Milliseconds after which an answer that is being computed is asked for again.
const AGAIN = 300;

// Starts `sanad serve` over a case on a port that the system chooses. `env` is laid over this process's
// own environment. Gives the process and the address that it said.
function serve(program, subject, env = {}) {
  const child = spawn(program, ["serve", subject, "--listen", "127.0.0.1:0"], {
    stdio: ["ignore", "ignore", "pipe"],
    env: { ...process.env, ...env },
  });
  return new Promise((resolve, reject) => {
    let said = "";
    child.stderr.on("data", (chunk) => {
      said += chunk;
      const found = said.match(/http:\/\/(127\.0\.0\.1:\d+)\//);
      if (found) resolve({ child, origin: `http://${found[1]}` });
    });
    child.on("exit", () => reject(new Error(said)));
  });
}

// Waits until an address has its finished answer, so that pictures show no page that waits. Gives its
// status.
async function ready(address) {
  for (;;) {
    const reply = await fetch(address);
    await reply.arrayBuffer();
    if (reply.status !== 202 && reply.status !== 503) return reply.status;
    await new Promise((resolve) => setTimeout(resolve, AGAIN));
  }
}

// The browser, which asks nobody but the pages.
function launch(chromium) {
  const quiet = ["--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync", "--disable-quic"];
  return chromium.launch({ executablePath: CHROMIUM, args: ["--no-sandbox", "--disable-gpu", ...quiet] });
}

module.exports = { CHROMIUM, launch, ready, serve };
