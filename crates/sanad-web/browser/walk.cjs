// Walks through the workbench as people do, in Debian's Chromium: an analyst from the overview to the
// records behind a number, a planner who moves a lever and sends the link, a journalist on a phone, a
// reader without scripts, one with the keyboard alone, one on a slow network, and one with a published
// folder on a stick. Looks at every kind of page at four widths, light and dark, for what is wider than
// the screen, and asks axe for barriers. A request to elsewhere, a cookie, or an error in the console
// is a fault.
//
// usage: NODE_PATH=DIR/node_modules node walk.cjs [--quick] PROGRAM CASE [PICTURES]
//
// PROGRAM is sanad. With FOLDER in the environment as PUBLISHED, a published folder is walked too. With
// --quick every kind of page is looked at on a phone, and in the dark and on a wide screen without axe.
// Skips, and says why, where Chromium, playwright-core or axe-core is absent.

const fs = require("node:fs");
const os = require("node:os");
const path = require("node:path");
const { pathToFileURL } = require("node:url");

const { CHROMIUM, launch, ready, serve } = require("./served.cjs");

const PHONE = 360;
// Widths with their colour scheme, and whether axe looks at them.
const VIEWS = [360, 768, 1200, 1600].flatMap((width) =>
  ["light", "dark"].map((scheme) => ({ width, scheme, axe: width === PHONE || width === 1600 })),
);
const QUICK_VIEWS = [
  { width: PHONE, scheme: "light", axe: true },
  { width: PHONE, scheme: "dark", axe: false },
  { width: 1200, scheme: "light", axe: false },
];
// The record of past forecasts takes minutes where nothing is optimised: a day is named.
const PAGES = [
  ["overview", "/"],
  ["map", "/map"],
  ["map-unknown", "/map?unit=adm1&from=2025-05&to=2025-05"],
  ["places", "/places"],
  ["place", "/place/PK2"],
  ["organisations", "/organisations"],
  ["organisation", "/organisation/ttp"],
  ["fronts", "/fronts"],
  ["parts", "/fronts/parts?place=PK2&month=2021-10"],
  ["indicators", "/fronts/indicators"],
  ["forecast", "/forecast?as_of=2026-01-01"],
  ["cycle", "/cycle"],
  ["interventions", "/interventions"],
  ["claims", "/claims"],
  ["claim", "/claims/zarb-e-azb-lowers-violence"],
  ["scenarios", "/scenarios?horizon=12&members=50"],
  ["benchmarks", "/benchmarks"],
  ["chronicle", "/chronicle"],
  ["sources", "/sources"],
  ["compare", "/compare"],
  ["compare-places", "/compare?place_a=PK2&from_a=2021-01&to_a=2021-12&place_b=PK3&from_b=2021-01&to_b=2021-12"],
  ["why", "/why?place=PK2&month=2021-10&unit=adm1"],
  ["why-forecast", "/why/forecast?place=PK2&as_of=2026-01-01"],
  ["why-claim", "/why/claim?id=zarb-e-azb-lowers-violence"],
  ["why-scenario", "/why/scenario?horizon=12"],
  ["sql", "/sql"],
  ["data", "/data"],
  ["api", "/api"],
  ["about", "/about"],
  ["fault", "/place/nowhere"],
];
// Pages that a reader may see first, with what a slow network may cost: bytes on the wire with the
// style sheet and the script, and milliseconds until the text is there.
const FIRST_VIEWS = ["/", "/map", "/place/PK2", "/fronts", "/claims", "/scenarios?horizon=12&members=50"];
const SLOW = { offline: false, latency: 300, downloadThroughput: 400_000 / 8, uploadThroughput: 400_000 / 8 };
const MOST_BYTES = 100 * 1024;
const MOST_MILLISECONDS = 3000;
// What a busy machine may add to the network's own time.
const MARGIN_MILLISECONDS = 1500;

const words = process.argv.slice(2);
const isQuick = words[0] === "--quick";
const [program, subject, pictures] = isQuick ? words.slice(1) : words;
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
  console.error("usage: node walk.cjs [--quick] PROGRAM CASE [PICTURES]");
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

async function readyAll(origin) {
  const answered = await Promise.all(PAGES.map(async ([name, address]) => [name, await ready(origin + address)]));
  for (const [name, status] of answered) check(status === (name === "fault" ? 404 : 200), `${name}: status ${status}`);
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

// Whether a page is as wide as the screen at most, and no cell of a table is squeezed to a word a line.
async function isWhole(page, width, name) {
  const wide = await page.evaluate(() => document.documentElement.scrollWidth);
  check(wide <= width, `${name}: ${wide} pixels wide`);
  const squeezed = await page.$$eval("main td, main th", (all) =>
    all.filter((cell) => {
      const range = document.createRange();
      range.selectNodeContents(cell);
      const text = range.getBoundingClientRect();
      return text.height > 300 && text.width < 110;
    }).map((cell) => cell.textContent.slice(0, 40)));
  check(squeezed.length === 0, `${name}: squeezed cells: ${squeezed.slice(0, 3).join("; ")}`);
}

// Every kind of page in every view.
async function lookAtAll(browser, origin) {
  const views = isQuick ? QUICK_VIEWS : VIEWS;
  for (const scheme of ["light", "dark"]) {
    const page = await newPage(browser, origin, { colorScheme: scheme, reducedMotion: "reduce" });
    for (const [name, address] of PAGES) {
      await page.setViewportSize({ width: PHONE, height: 800 });
      await page.goto(origin + address);
      for (const view of views.filter((view) => view.scheme === scheme)) {
        const { width } = view;
        await page.setViewportSize({ width, height: 800 });
        looked += 1;
        await isWhole(page, width, `${name} at ${width}`);
        const file = `${name}-${width}-${scheme}.png`;
        if (pictures) await page.screenshot({ path: path.join(pictures, file), fullPage: true });
        if (view.axe) await barriers(page, `${name} at ${width}, ${scheme}`);
      }
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

// One figure with its citation, as a picture, on a phone without scripts.
async function journalist(browser, origin) {
  const page = await newPage(browser, origin, {
    viewport: { width: PHONE, height: 740 }, isMobile: true, hasTouch: true, javaScriptEnabled: false,
  });
  await page.goto(`${origin}/map`);
  await page.tap("figure details summary");
  const cite = await page.textContent("figure details");
  check(/Cite as: “.*”, Sanad .*, state state-/.test(cite), `no citation: ${cite}`);
  const [file] = await Promise.all([page.waitForEvent("download"), page.tap("figure a:text-is('PNG')")]);
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

// First views by a phone that has nothing kept, at 400 kbit/s with 300 ms before each answer. What is
// counted is what comes over the wire, heads and all. A page is readable when its greatest text is
// painted, and that is when style sheet and page are there.
async function onSlowNetwork(browser, origin) {
  for (const address of FIRST_VIEWS) {
    const page = await newPage(browser, origin, { viewport: { width: PHONE, height: 740 } });
    const session = await page.context().newCDPSession(page);
    let bytes = 0;
    session.on("Network.loadingFinished", (event) => (bytes += event.encodedDataLength));
    await session.send("Network.enable");
    await session.send("Network.setCacheDisabled", { cacheDisabled: true });
    await session.send("Network.emulateNetworkConditions", SLOW);
    await page.goto(origin + address, { waitUntil: "load" });
    const readable = await page.evaluate(() => new Promise((resolve) => {
      new PerformanceObserver((list) => resolve(list.getEntries().at(-1).startTime))
        .observe({ type: "largest-contentful-paint", buffered: true });
    }));
    console.log(`${address}: ${(bytes / 1024).toFixed(1)} KiB, readable after ${(readable / 1000).toFixed(2)} s`);
    check(bytes > 1000 && bytes <= MOST_BYTES, `${address}: ${bytes} bytes on the wire`);
    const most = MOST_MILLISECONDS + MARGIN_MILLISECONDS;
    check(readable <= most, `${address}: readable after ${Math.round(readable)} ms at 400 kbit/s`);
    await page.context().close();
  }
}

// A published folder, from disk.
async function fromDisk(browser) {
  if (!published) {
    console.log("skipped: no published folder is named");
    return;
  }
  const home = pathToFileURL(path.resolve(published)).href;
  const page = await newPage(browser, home);
  const look = async (name) => {
    await barriers(page, name);
    if (pictures) await page.screenshot({ path: path.join(pictures, `${name.replaceAll(" ", "-")}.png`), fullPage: true });
  };
  await page.goto(`${home}/latest/index.html`);
  // That page leads on to the folder of a run, which is named by its day.
  await page.waitForURL(/\/\d{4}-\d{2}-\d{2}(-\d+)?\/index\.html$/);
  await look("a published overview");
  await page.click('nav a[href$="map.html"]');
  await look("a published map");
  await page.click("main td a");
  check(page.url().includes("/place/"), "a published map does not lead to a place");
  await page.click("main td.n a");
  check(page.url().includes("why,"), "a published number does not lead to its records");
  await look("published records");
  await page.click("footer a[href$='changes.html']");
  await look("the page of changes");
  await page.click("footer a[href$='../index.html']");
  await look("the list of runs");
}

async function main() {
  if (pictures) fs.mkdirSync(pictures, { recursive: true });
  const begun = Date.now();
  const passed = (what) => console.log(`${what}: ${((Date.now() - begun) / 1000).toFixed(0)} s since the start`);
  const { child, origin } = await serve(program, subject, { XDG_CACHE_HOME: folder });
  const browser = await launch(chromium);
  try {
    await readyAll(origin);
    passed("all pages are computed");
    await lookAtAll(browser, origin);
    passed("all pages are looked at");
    for (const way of [analyst, planner, journalist, withoutScripts, byKeyboard, onSlowNetwork]) await way(browser, origin);
    passed("all ways are walked");
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
