// Walks through the desk's pages as people do, in Debian's Chromium: filers in three languages on a
// screen of 360 pixels with scripts off, who attach a picture, one with scripts on, whose proof of work is
// checked, one over a poor line that breaks twice, an officer of each role, a partner, an auditor, and two custodians who recover a file. Takes pictures of every page, looks for what is
// wider than the screen, for requests to elsewhere and for cookies of filers, and asks axe for barriers.
//
// usage: NODE_PATH=DIR/node_modules node walk.cjs PROGRAM [PICTURES]
//
// PROGRAM is sanad-desk. Skips, and says why, where Chromium, playwright-core or axe-core is absent:
// apt-get install chromium fonts-noto-core; npm install playwright-core axe-core

const { createHash, createHmac } = require("node:crypto");
const { execFileSync, spawn } = require("node:child_process");
const fs = require("node:fs");
const os = require("node:os");
const path = require("node:path");
const zlib = require("node:zlib");

const CHROMIUM = "/usr/bin/chromium";
const WIDTH = 360;
const [program, pictures] = process.argv.slice(2);

function need(name) {
  try {
    return require(name);
  } catch {
    console.log(`skipped: ${name} is not installed`);
    process.exit(0);
  }
}

if (!program) {
  console.error("usage: node walk.cjs PROGRAM [PICTURES]");
  process.exit(2);
}
if (!fs.existsSync(CHROMIUM)) {
  console.log(`skipped: there is no ${CHROMIUM}`);
  process.exit(0);
}
const { chromium } = need("playwright-core");
const axe = need("axe-core");

const folder = fs.mkdtempSync(path.join(os.tmpdir(), "desk-walk-"));
const faults = [];
let pages = 0;
let mirror;

function desk(...words) {
  return execFileSync(program, words, { encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] });
}

// The same with a line for the standard input: a custodian's password.
function deskWith(line, ...words) {
  return execFileSync(program, words, { encoding: "utf8", input: `${line}\n`, stdio: ["pipe", "pipe", "ignore"] });
}

// A PNG of stripes, with a text in it that a copy must not have.
function picture() {
  const [width, height] = [320, 200];
  const rows = Buffer.concat(Array.from({ length: height }, (_, row) =>
    Buffer.concat([Buffer.from([0]), Buffer.alloc(3 * width, row % 40 < 20 ? 120 : 220)])));
  const chunk = (name, data) => {
    const named = Buffer.concat([Buffer.from(name), data]);
    const length = Buffer.alloc(4);
    const sum = Buffer.alloc(4);
    length.writeUInt32BE(data.length);
    sum.writeUInt32BE(zlib.crc32(named));
    return Buffer.concat([length, named, sum]);
  };
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  header.set([8, 2], 8);
  return Buffer.concat([
    Buffer.from([0x89, 0x50, 0x4e, 0x47, 13, 10, 26, 10]),
    chunk("IHDR", header),
    chunk("tEXt", Buffer.from("Comment\0PLANTEDMARK")),
    chunk("IDAT", zlib.deflateSync(rows)),
    chunk("IEND", Buffer.alloc(0)),
  ]);
}

// A code of RFC 6238 from a secret in base 32.
function code(secret) {
  const letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
  let bits = "";
  for (const letter of secret) bits += letters.indexOf(letter).toString(2).padStart(5, "0");
  const key = Buffer.from(bits.match(/.{8}/g).map((byte) => parseInt(byte, 2)));
  const counter = Buffer.alloc(8);
  counter.writeBigUInt64BE(BigInt(Math.floor(Date.now() / 30000)));
  const mac = createHmac("sha1", key).update(counter).digest();
  const number = mac.readUInt32BE(mac[19] & 15) & 0x7fffffff;
  return String(number % 1000000).padStart(6, "0");
}

function begin() {
  const config = path.join(__dirname, "../demo/desk.toml");
  const passwords = {};
  const custodians = ["custodian-one", "custodian-two", "custodian-three"].map((name) => {
    const said = desk("custodian", name, "--out", path.join(folder, `${name}.key`));
    passwords[name] = said.split("\n")[3].trim();
    return `--custodian=${said.match(/--custodian (\S+)/)[1]}`;
  });
  const data = path.join(folder, "desk");
  desk("init", "--data", data, "--config", config, ...custodians);
  const people = {};
  const add = (name, ...seats) => {
    const given = seats.flatMap((seat) => ["--seat", seat]);
    const said = desk("user", "--data", data, "add", name, ...given);
    people[name] = {
      password: said.match(/password\s+(\S+)/)[1],
      secret: said.match(/second factor\s+(\S+)/)[1],
    };
  };
  add("intake", "complaints-office/intake");
  add("investigator", "complaints-office/investigator");
  add("remedy", "complaints-office/remedy");
  const roles = ["intake", "investigator", "remedy"];
  add("others", ...["harm-board", "ombuds-office"].flatMap((body) => roles.map((role) => `${body}/${role}`)));
  add("auditor", "desk/auditor");
  add("partner", "desk/partner");
  add("custodian", "desk/custodian");
  return { data, people, passwords };
}

function serve(data) {
  const child = spawn(program, ["serve", "--data", data, "--listen", "127.0.0.1:0"], { stdio: ["ignore", "ignore", "pipe"] });
  return new Promise((resolve, reject) => {
    let said = "";
    child.stderr.on("data", (chunk) => {
      said += chunk;
      const found = said.match(/http:\/\/(127\.0\.0\.1:\d+)\//);
      if (found) resolve({ child, origin: `http://${found[1]}`, said });
    });
    child.on("exit", () => reject(new Error(said)));
  });
}

// Looks at a page: its picture, its width, and what axe finds. axe needs scripts, so it looks at a
// copy of the page in a tab of its own.
async function look(page, name) {
  pages += 1;
  if (pictures) await page.screenshot({ path: path.join(pictures, `${name}.png`), fullPage: true });
  const width = await page.evaluate(() => document.documentElement.scrollWidth);
  if (width > WIDTH) faults.push(`${name}: ${width} pixels wide`);
  await mirror.setContent(await page.content());
  await mirror.evaluate(axe.source);
  const found = await mirror.evaluate(() => globalThis.axe.run(document, { resultTypes: ["violations"] }));
  for (const violation of found.violations) {
    const where = violation.nodes.map((node) => node.target.join(" ")).slice(0, 3).join("; ");
    faults.push(`${name}: axe ${violation.id}: ${where}`);
  }
}

async function newPage(browser, origin, options) {
  const context = await browser.newContext({ viewport: { width: WIDTH, height: 740 }, ...options });
  const page = await context.newPage();
  page.on("request", (request) => {
    if (!request.url().startsWith(origin)) faults.push(`a request to ${request.url()}`);
  });
  page.on("console", (message) => {
    // What Chromium puts around a picture that is asked for alone has styles, which the policy forbids.
    const isOfBrowser = page.showsCopy && message.text().startsWith("Applying inline style");
    if (message.type() === "error" && !/status of 4/.test(message.text()) && !isOfBrowser && !page.losesLine) faults.push(message.text());
  });
  return page;
}

const EASTERN = "۰۱۲۳۴۵۶۷۸۹";
const eastern = (text) => text.replace(/\d/g, (digit) => EASTERN[digit]);
const TEXTS = {
  en: "An invented text: the road was closed and nobody said why.",
  ur: "فرضی متن: سڑک بند کر دی گئی اور کسی نے وجہ نہیں بتائی۔",
  ps: "جوړ شوی متن: لار وتړل شوه او چا یې لامل ونه ویل.",
};

async function file(browser, origin, language) {
  const page = await newPage(browser, origin, { javaScriptEnabled: false, locale: language });
  await page.goto(`${origin}/${language}`);
  await look(page, `${language}-1-home`);
  await page.click(`main a[href="/${language}/file"]`);
  await look(page, `${language}-2-channels`);
  await page.click(`a[href="/${language}/file/complaints"]`);
  await look(page, `${language}-3-form`);
  const receipt = await page.getAttribute("input[name=receipt]", "value");
  const digits = (text) => (language === "en" ? text : eastern(text));
  await page.fill("#year", digits("2026"));
  await page.fill("#month", digits("13"));
  await page.selectOption("#district", "salt-hills");
  await page.fill("#text", TEXTS[language]);
  await page.check("input[name=noted]");
  await page.click("main form button");
  await look(page, `${language}-4-corrected`);
  await page.fill("#month", digits("2"));
  await page.click("main form button");
  await look(page, `${language}-5-sent`);
  await page.click(`main a[href="/${language}/receipt"]`);
  await look(page, `${language}-6-return`);
  await page.fill("#receipt", digits(receipt));
  page.receipt = digits(receipt);
  await page.click("main form button");
  await look(page, `${language}-7-status`);
  if (!(await page.textContent("main")).includes(TEXTS[language])) faults.push(`${language}: the text is not there`);
  await attach(page, language);
  for (const rest of ["record", "verify"]) {
    await page.goto(`${origin}/${language}/${rest}`);
    await look(page, `${language}-8-${rest}`);
  }
  await page.goto(`${origin}/${language}/nowhere`);
  await look(page, `${language}-9-nowhere`);
  if ((await page.context().cookies()).length > 0) faults.push(`${language}: a cookie for a filer`);
  return { page, receipt };
}

// Files with scripts on: the page finds the answer to its puzzle while the filer writes, and the form that
// comes back with a reason has it still.
async function fileWithScripts(browser, origin, language) {
  const page = await newPage(browser, origin, { locale: language });
  await page.goto(`${origin}/${language}/file/complaints`);
  await page.waitForSelector("#work-runs:not([hidden]), #work-done:not([hidden])");
  await look(page, `${language}-3-form-with-scripts`);
  await page.fill("#text", TEXTS[language]);
  const begun = Date.now();
  await page.waitForSelector("#work-done:not([hidden])", { timeout: 120000 });
  console.log(`${language}: the proof of work took ${Date.now() - begun} ms after the page was looked at`);
  const puzzle = await page.getAttribute("form[data-puzzle]", "data-puzzle");
  const answer = await page.inputValue("input[name=work]");
  const first = createHash("sha256").update(puzzle + answer).digest().readUInt32BE(0);
  if (first >>> (32 - 20) !== 0) faults.push(`${language}: the answer ${answer} is none`);
  await page.selectOption("#district", "salt-hills");
  await page.fill("#month", "13");
  await page.check("input[name=noted]");
  await page.click("main form button");
  await page.waitForSelector("#work-done:not([hidden])", { timeout: 1000 });
  if ((await page.inputValue("input[name=work]")) !== answer) faults.push(`${language}: the answer was lost`);
  await look(page, `${language}-4-corrected-with-scripts`);
  await page.fill("#month", "");
  await page.click("main form button");
  if (!(await page.textContent("h1")).includes("موصول ہو گئی")) faults.push(`${language}: it was not kept`);
  if ((await page.context().cookies()).length > 0) faults.push(`${language}: a cookie for a filer`);
}

// A line of 50 kbit/s with more than half a second's delay, which breaks twice while a filing is sent: before
// it arrives, and before the answer comes back. Reloading sends again, and nothing is lost or doubled.
async function fileOverPoorLine(browser, origin, language) {
  const page = await newPage(browser, origin, { javaScriptEnabled: false, locale: language });
  page.losesLine = true;
  const line = await page.context().newCDPSession(page);
  await line.send("Network.enable");
  const bytes = 50000 / 8;
  await line.send("Network.emulateNetworkConditions", { offline: false, latency: 600, downloadThroughput: bytes, uploadThroughput: bytes });
  const breaks = ["before", "after"];
  await page.route("**/file/complaints", async (route) => {
    const how = route.request().method() === "POST" ? breaks.shift() : undefined;
    if (!how) return route.continue();
    if (how === "after") await route.fetch();
    return route.abort("connectionreset");
  });
  const begun = Date.now();
  await page.goto(`${origin}/${language}/file/complaints`);
  console.log(`${language}: the form took ${Date.now() - begun} ms at 50 kbit/s`);
  await page.selectOption("#district", "salt-hills");
  await page.fill("#text", TEXTS[language]);
  await page.check("input[name=noted]");
  await page.click("main form button").catch(() => {});
  for (const _ of ["before it arrived", "before the answer"]) {
    await page.waitForURL("chrome-error://**", { timeout: 20000 }).catch(() => {});
    await page.waitForTimeout(500);
    await page.reload().catch(() => {});
  }
  await page.waitForSelector("main");
  const said = await page.textContent("main");
  if (!said.includes("پہلے سے موجود تھی")) faults.push(`${language}: a filing over a line that broke twice: ${said}`);
}

// Attaches what is no picture, then a picture with its original, and looks at the copy.
async function attach(page, language) {
  const status = async () => {
    await page.goto(`${page.url().split(`/${language}/`)[0]}/${language}/receipt`);
    await page.fill("#receipt", page.receipt);
    await page.click("main form button");
  };
  await page.setInputFiles("#picture", { name: "note.txt", mimeType: "text/plain", buffer: Buffer.from("no picture") });
  await page.click('form[action$="/attach"] button');
  await look(page, `${language}-7-no-picture`);
  await status();
  await page.setInputFiles("#picture", { name: "holiday.png", mimeType: "image/png", buffer: picture() });
  await page.check("input[name=original]");
  await page.click('form[action$="/attach"] button');
  await look(page, `${language}-7-attached`);
  const shown = await page.content();
  if (shown.includes("holiday") || shown.includes("<img")) faults.push(`${language}: the page of a filer shows too much`);
  page.showsCopy = true;
  const [response] = await Promise.all([
    page.waitForResponse((response) => response.url().endsWith("/receipt/picture")),
    page.click('form[action$="/picture"] button'),
  ]);
  if (response.headers()["content-type"] !== "image/png") faults.push(`${language}: the copy is no picture`);
  if (pictures) await page.screenshot({ path: path.join(pictures, `${language}-7-copy.png`) });
  page.showsCopy = false;
}

async function logIn(browser, origin, people, name) {
  const page = await newPage(browser, origin, {});
  await page.goto(`${origin}/staff`);
  if (name === "intake") await look(page, "staff-1-login");
  await page.fill("#name", name);
  await page.fill("#password", people[name].password);
  await page.fill("#code", code(people[name].secret));
  await page.click("main form button");
  if (!(await page.textContent("h1")).includes("Files")) faults.push(`${name} did not get in`);
  return page;
}

async function take(page, step, fill) {
  await page.click("main table a");
  if (fill) await fill(page);
  await look(page, `staff-2-${step}`);
  const width = await page.evaluate(() => document.images[0]?.naturalWidth);
  if (width !== 320) faults.push(`${step}: the officer does not see the copy`);
  await page.click(`form[action$="/step/${step}"] button`);
}

// A custodian looks up how to recover the one file of the desk, and two do it on their own machines.
async function recover(browser, origin, { people, passwords, data }) {
  const custodian = await logIn(browser, origin, people, "custodian");
  await look(custodian, "staff-5-custodian");
  await custodian.click("main table a");
  await look(custodian, "staff-5-recovery");
  const id = await custodian.textContent("main code");
  const [lent, original] = [path.join(folder, "lent.txt"), path.join(folder, "original")];
  const key = (name) => path.join(folder, `${name}.key`);
  deskWith(passwords["custodian-one"], "lend", "--data", data, "--file", id, "--key", key("custodian-one"),
    "--with", "custodian-two", "--attachment", "2", "--out", lent);
  const said = deskWith(passwords["custodian-two"], "recover", "--data", data, "--lent", lent,
    "--key", key("custodian-two"), "--original", original);
  if (!said.includes(TEXTS.ps)) faults.push("the custodians do not read the file");
  if (!fs.readFileSync(original).equals(picture())) faults.push("the original is not what was sent");
  await custodian.reload();
  await look(custodian, "staff-5-recovered");
  if ((await custodian.textContent("main")).includes("Never.")) faults.push("the recovery is not listed");
}

async function walk(browser, origin, { people, passwords, data }) {
  const first = await newPage(browser, origin, { javaScriptEnabled: false });
  await first.goto(origin);
  await look(first, "start");
  const { page, receipt } = await file(browser, origin, "ur");
  const intake = await logIn(browser, origin, people, "intake");
  await look(intake, "staff-1-list");
  await take(intake, "acknowledge");
  await take(intake, "assign", (page) => page.selectOption("#assignee", "investigator"));
  const investigator = await logIn(browser, origin, people, "investigator");
  await take(investigator, "begin-inquiry");
  const remedy = await logIn(browser, origin, people, "remedy");
  await take(remedy, "answer", (page) => page.fill("#text-answer", TEXTS.ur));
  await page.goto(`${origin}/ur/receipt`);
  await page.fill("#receipt", receipt);
  await page.click("main form button");
  await look(page, "ur-7-answered");
  await page.click('form[action$="/accept"] button');
  await look(page, "ur-7-accepted");
  await page.check("input[name=sure]");
  await page.click('form[action$="/delete"] button');
  await look(page, "ur-7-deleted");
  const pashto = await file(browser, origin, "ps");
  await recover(browser, origin, { people, passwords, data });
  await pashto.page.goto(`${origin}/ps/receipt`);
  await pashto.page.fill("#receipt", pashto.page.receipt);
  await pashto.page.click("main form button");
  await look(pashto.page, "ps-7-recovered");
  if (!(await pashto.page.textContent("main")).includes("دوو کیلي ساتونکو پرانیستله")) faults.push("the filer does not see the recovery");
  await file(browser, origin, "en");
  await fileWithScripts(browser, origin, "ur");
  await fileOverPoorLine(browser, origin, "ur");
  const auditor = await logIn(browser, origin, people, "auditor");
  await look(auditor, "staff-3-auditor");
  await auditor.click("main table a");
  await look(auditor, "staff-3-openings");
  const partner = await logIn(browser, origin, people, "partner");
  await partner.click('a[href="/staff/partner"]');
  await partner.fill("#table", `channel,district,consent,text\ncomplaints,salt-hills,no,"${TEXTS.ps}"\n`);
  await partner.click("main form button");
  await look(partner, "staff-4-partner-faults");
  await partner.fill("#table", `channel,district,consent,text\ncomplaints,salt-hills,yes,"${TEXTS.ps}"\n`);
  await partner.click("main form button");
  await look(partner, "staff-4-partner-receipts");
  await partner.click("main form button");
  await look(partner, "staff-4-partner-kept");
  if (!(await partner.textContent("main")).includes("1 files are kept")) faults.push("the partner's table was not kept");
}

async function main() {
  if (pictures) fs.mkdirSync(pictures, { recursive: true });
  const begun = begin();
  const { child, origin, said } = await serve(begun.data);
  if (!said.includes("no independent audit yet")) faults.push("the start does not say that there was no audit");
  const quiet = ["--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync", "--disable-quic"];
  const browser = await chromium.launch({ executablePath: CHROMIUM, args: ["--no-sandbox", "--disable-gpu", ...quiet] });
  mirror = await (await browser.newContext({ viewport: { width: WIDTH, height: 740 } })).newPage();
  try {
    await walk(browser, origin, begun);
  } finally {
    await browser.close();
    child.kill();
    fs.rmSync(folder, { recursive: true, force: true });
  }
  for (const fault of new Set(faults)) console.log(fault);
  console.log(`${pages} pages looked at, ${new Set(faults).size} faults`);
  process.exitCode = faults.length > 0 ? 1 : 0;
}

main().catch((error) => {
  console.error(error);
  process.exitCode = 1;
});
