// Walks through the workbench as people do, in Debian's Chromium: an analyst from the overview to the
// records behind a number, a planner who moves a lever and sends the link, a journalist on a phone, a
// reader without scripts, one with the keyboard alone, and one with a published folder on a stick.
// Looks at every kind of page at four widths, light and dark, for what is wider than the screen, and
// asks axe for barriers. A request to elsewhere, a cookie, or an error in the console is a fault.
//
// usage: NODE_PATH=DIR/node_modules node walk.cjs PROGRAM CASE [PICTURES]
//
// PROGRAM is sanad. With FOLDER in the environment as PUBLISHED, a published folder is walked too.
// Skips, and says why, where Chromium, playwright-core or axe-core is absent.

const { spawn } = require("node:child_process");
const fs = require("node:fs");
const os = require("node:os");
const path = require("node:path");
const { pathToFileURL } = require("node:url");

const CHROMIUM = "/usr/bin/chromium";
const WIDTHS = [360, 768, 1200, 1600];
const SCHEMES = ["light", "dark"];
// The record of past forecasts takes minutes where nothing is optimised: a day is named.
const PAGES = [
  ["overview", "/"],
  ["map", "/map"],
  ["places", "/places"],
  ["place", "/place/PK2"],
  ["organisations", "/organisations"],
  ["organisation", "/organisation/ttp"],
  ["fronts", "/fronts"],
  ["parts", "/fronts/parts?place=PK2&month=2021-10"],
  ["forecast", "/forecast?as_of=2026-01-01"],
  ["interventions", "/interventions"],
  ["claims", "/claims"],
  ["scenarios", "/scenarios?horizon=12&members=50"],
  ["benchmarks", "/benchmarks"],
  ["chronicle", "/chronicle"],
  ["sources", "/sources"],
  ["compare", "/compare"],
  ["why", "/why?place=PK2&month=2021-10&unit=adm1"],
  ["sql", "/sql"],
  ["data", "/data"],
  ["api", "/api"],
  ["about", "/about"],
  ["fault", "/place/nowhere"],
];

const [program, subject, pictures] = process.argv.slice(2);
const published = process.env.PUBLISHED;

function need(name) {
  try {
    return require(name);
  } catch {
    console.log(`skipped: ${name} is not installed`);
    process.exit(0);
  }
}

if (!program || !subject) {
  console.error("usage: node walk.cjs PROGRAM CASE [PICTURES]");
  process.exit(2);
}
if (!fs.existsSync(CHROMIUM)) {
  console.log(`skipped: there is no ${CHROMIUM}`);
  process.exit(0);
}
const { chromium } = need("playwright-core");
const axe = need("axe-core");

const folder = fs.mkdtempSync(path.join(os.tmpdir(), "sanad-walk-"));
const faults = new Set();
let looked = 0;

function check(holds, what) {
  if (!holds) faults.add(what);
}

function serve() {
  const child = spawn(program, ["serve", subject, "--listen", "127.0.0.1:0"], {
    stdio: ["ignore", "ignore", "pipe"],
    env: { ...process.env, XDG_CACHE_HOME: folder },
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

// Waits until an address has its finished answer, so that pictures show no page that waits.
async function ready(origin, address) {
  for (;;) {
    const reply = await fetch(origin + address);
    await reply.arrayBuffer();
    if (reply.status !== 202 && reply.status !== 503) return;
    await new Promise((resolve) => setTimeout(resolve, 300));
  }
}

async function newPage(browser, origin, options = {}) {
  const context = await browser.newContext({ viewport: { width: 1200, height: 800 }, ...options });
  const page = await context.newPage();
  page.setDefaultTimeout(60_000);
  page.on("request", (request) => {
    const is = request.url().startsWith(origin) || /^(blob|data):/.test(request.url());
    check(is, `a request to ${request.url()}`);
  });
  page.on("console", (message) => {
    if (message.type() === "error" && !/status of 4/.test(message.text())) faults.add(message.text());
  });
  page.on("pageerror", (error) => faults.add(String(error)));
  return page;
}

// What axe finds on a page.
async function barriers(page, name) {
  await page.evaluate(axe.source);
  const found = await page.evaluate(() => globalThis.axe.run(document, { resultTypes: ["violations"], preload: false }));
  for (const violation of found.violations) {
    const where = violation.nodes.map((node) => node.target.join(" ")).slice(0, 3).join("; ");
    faults.add(`${name}: axe ${violation.id}: ${where}`);
  }
}

// Every kind of page, at every width, light and dark.
async function lookAtAll(browser, origin) {
  for (const scheme of SCHEMES) {
    const page = await newPage(browser, origin, { colorScheme: scheme, reducedMotion: "reduce" });
    for (const [name, address] of PAGES) {
      await page.setViewportSize({ width: WIDTHS[0], height: 800 });
      await page.goto(origin + address);
      for (const width of WIDTHS) {
        await page.setViewportSize({ width, height: 800 });
        looked += 1;
        const wide = await page.evaluate(() => document.documentElement.scrollWidth);
        check(wide <= width, `${name} at ${width}: ${wide} pixels wide`);
        const file = `${name}-${width}-${scheme}.png`;
        if (pictures) await page.screenshot({ path: path.join(pictures, file), fullPage: true });
      }
      await barriers(page, `${name}, ${scheme}`);
    }
    check((await page.context().cookies()).length === 0, "a cookie");
    await page.context().close();
  }
}

const cells = (page) => page.$$eval("main td", (all) => all.map((cell) => cell.textContent));

// Overview, map, district, number, records, their CSV, and the same address in a fresh browser.
async function analyst(browser, origin) {
  const page = await newPage(browser, origin);
  await page.goto(origin);
  await page.click('nav a[href="/map"]');
  await page.click("main td a");
  check(page.url().includes("/place/"), "the map does not lead to a place");
  await page.click('main td.n a:not(:text-is("0"))');
  check(page.url().includes("/why?"), "a number does not lead to its records");
  const shown = await cells(page);
  check(shown.length > 0, "no record stands behind a number");
  const csv = await (await fetch(new URL(await page.getAttribute('a[href^="/api/v1/why.csv"]', "href"), origin))).text();
  const rows = await page.$$eval("main tbody tr", (all) => all.length);
  check(csv.trim().split("\n").length === rows + 1, "the CSV has other rows than the page");
  const other = await newPage(browser, origin);
  await other.goto(page.url());
  check(JSON.stringify(await cells(other)) === JSON.stringify(shown), "a fresh browser shows other records");
}

// A lever that is moved, the difference, and the link sent to somebody without scripts.
async function planner(browser, origin) {
  const page = await newPage(browser, origin);
  await page.goto(`${origin}/scenarios?horizon=12&members=50`);
  const before = await cells(page);
  const slider = page.locator(".lever input[type=range]").first();
  await slider.evaluate((one) => {
    one.value = one.max;
    one.dispatchEvent(new Event("input", { bubbles: true }));
  });
  await page.waitForFunction(() => document.getElementById("said").textContent.startsWith("Shown"), null, { timeout: 60_000 });
  check(page.url().includes("lever-"), `the address does not hold the lever: ${page.url()}`);
  const after = await cells(page);
  check(JSON.stringify(after) !== JSON.stringify(before), "a lever changes nothing");
  await barriers(page, "scenarios with sliders");
  const colleague = await newPage(browser, origin, { javaScriptEnabled: false });
  await colleague.goto(page.url());
  check(JSON.stringify(await cells(colleague)) === JSON.stringify(after), "the link shows other numbers");
  await colleague.click("form.levers button");
  check((await colleague.title()).includes("policies"), "the form does not work without scripts");
}

// One figure with its citation, as a picture, on a phone.
async function journalist(browser, origin) {
  const page = await newPage(browser, origin, { viewport: { width: 360, height: 740 }, isMobile: true, hasTouch: true });
  await page.goto(`${origin}/map`);
  await page.tap("figure details summary");
  const cite = await page.textContent("figure details");
  check(/Cite as: “.*”, Sanad .*, state state-/.test(cite), `no citation: ${cite}`);
  const [file] = await Promise.all([page.waitForEvent("download"), page.tap("figure button.plain")]);
  const bytes = fs.readFileSync(await file.path());
  check(bytes.subarray(1, 4).toString() === "PNG" && bytes.length > 10_000, "the PNG is none");
  check(bytes.readUInt32BE(16) > 1000, `the PNG is ${bytes.readUInt32BE(16)} pixels wide`);
  if (pictures) fs.writeFileSync(path.join(pictures, "map.png"), bytes);
}

// A form without scripts.
async function withoutScripts(browser, origin) {
  const page = await newPage(browser, origin, { javaScriptEnabled: false });
  await page.goto(`${origin}/map`);
  await page.selectOption("select[name=unit]", "adm1");
  await page.fill("input[name=from]", "2014-01");
  await page.fill("input[name=to]", "2014-12");
  await page.click("main form button");
  const asked = new URL(page.url()).search;
  check(asked.includes("unit=adm1") && asked.includes("from=2014-01") && !asked.includes("as_of"), `a form asks ${asked}`);
}

// From the start of a page to a number's records with the keyboard alone.
async function byKeyboard(browser, origin) {
  const page = await newPage(browser, origin);
  await page.goto(`${origin}/place/PK2`);
  await page.keyboard.press("Tab");
  check((await page.evaluate(() => document.activeElement.className)) === "skip", "the first stop is not the way to the content");
  await page.keyboard.press("Enter");
  check((await page.evaluate(() => document.activeElement.id)) === "content", "the content is not reached");
  for (let step = 0; step < 80; step += 1) {
    await page.keyboard.press("Tab");
    const link = await page.evaluate(() => document.activeElement.getAttribute("href") ?? "");
    if (link.startsWith("/why?")) break;
  }
  const ring = await page.evaluate(() => getComputedStyle(document.activeElement).outlineStyle);
  check(ring !== "none", "what has the focus is not shown");
  await Promise.all([page.waitForURL(/\/why\?/), page.keyboard.press("Enter")]);
}

// A published folder, from disk.
async function fromDisk(browser) {
  if (!published) {
    console.log("skipped: no published folder is named");
    return;
  }
  const home = pathToFileURL(path.resolve(published)).href;
  const page = await newPage(browser, home);
  await page.goto(`${home}/latest/index.html`);
  await page.waitForURL(/\/index\.html$/);
  await page.click('nav a[href$="map.html"]');
  await barriers(page, "a published map");
  await page.click("main td a");
  check(page.url().includes("/place/"), "a published map does not lead to a place");
  await page.click("main td.n a");
  check(page.url().includes("why,"), "a published number does not lead to its records");
  await page.click("footer a[href$='changes.html']");
  await barriers(page, "the page of changes");
  await page.click("footer a[href$='../index.html']");
  await barriers(page, "the list of runs");
}

async function main() {
  if (pictures) fs.mkdirSync(pictures, { recursive: true });
  const { child, origin } = await serve();
  const quiet = ["--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync", "--disable-quic"];
  const browser = await chromium.launch({ executablePath: CHROMIUM, args: ["--no-sandbox", "--disable-gpu", ...quiet] });
  try {
    for (const [, address] of PAGES) await ready(origin, address);
    await lookAtAll(browser, origin);
    for (const way of [analyst, planner, journalist, withoutScripts, byKeyboard]) await way(browser, origin);
    await fromDisk(browser);
  } finally {
    await browser.close();
    child.kill();
    fs.rmSync(folder, { recursive: true, force: true });
  }
  for (const fault of faults) console.log(fault);
  console.log(`${looked} views looked at, ${faults.size} faults`);
  process.exitCode = faults.size > 0 ? 1 : 0;
}

main().catch((error) => {
  for (const fault of faults) console.log(fault);
  console.error(error);
  process.exitCode = 1;
});
