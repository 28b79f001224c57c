// Takes the pictures of the analysts' guide, docs/workbench.md, from the running workbench.
//
// usage: NODE_PATH=DIR/node_modules node pictures.cjs PROGRAM CASE FOLDER
//
// PROGRAM is sanad. Needs Debian's Chromium and playwright-core.

const fs = require("node:fs");
const path = require("node:path");
const { chromium } = require("playwright-core");

const { launch, ready, serve } = require("./served.cjs");

const DESK = { width: 1000, height: 620 };
const PHONE = { width: 360, height: 640 };
// Name, address, size, and what stands at the top of the picture.
const PICTURES = [
  ["overview", "/", DESK, null],
  ["map", "/map?from=2021-01&to=2021-12", { width: 1000, height: 760 }, "h1"],
  ["place", "/place/PK2", DESK, "h2:text-is('The last months')"],
  ["why", "/why?place=PK2&month=2026-02&unit=adm1&places=current", DESK, "h1"],
  ["scenarios", "/scenarios?lever-redress=1&horizon=12", { width: 1000, height: 760 }, "h2:text-is('Your own scenario')"],
  ["phone", "/map?from=2021-01&to=2021-12", PHONE, "figure"],
];
const MOST_BYTES = 150 * 1024;

const [program, subject, folder] = process.argv.slice(2);
if (!program || !subject || !folder) {
  console.error("usage: node pictures.cjs PROGRAM CASE FOLDER");
  process.exit(2);
}

async function take(browser, origin, [name, address, viewport, top]) {
  const status = await ready(origin + address);
  if (status !== 200) throw new Error(`${address}: status ${status}`);
  const page = await browser.newPage({ viewport, colorScheme: "light", reducedMotion: "reduce" });
  await page.goto(origin + address);
  if (top !== null) {
    await page.locator(top).first().evaluate((one) => scrollTo(0, one.getBoundingClientRect().top + scrollY - 16));
  }
  const file = path.join(folder, `${name}.png`);
  await page.screenshot({ path: file });
  await page.close();
  const bytes = fs.statSync(file).size;
  console.log(`${file}: ${(bytes / 1024).toFixed(0)} KiB`);
  if (bytes > MOST_BYTES) throw new Error(`${file} is larger than ${MOST_BYTES} bytes`);
}

async function main() {
  fs.mkdirSync(folder, { recursive: true });
  const { child, origin } = await serve(program, subject);
  const browser = await launch(chromium);
  try {
    for (const one of PICTURES) await take(browser, origin, one);
  } finally {
    await browser.close();
    child.kill();
  }
}

main().catch((error) => {
  console.error(error);
  process.exitCode = 1;
});
