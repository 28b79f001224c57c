// Walks through the desk's pages as people do, in Debian's Chromium: filers in three languages on a
// screen of 360 pixels with scripts off, an officer of each role, an auditor. Takes pictures of
// every page, looks for what is wider than the screen, for requests to elsewhere and for cookies of
// filers, and asks axe for barriers.
//
// usage: NODE_PATH=DIR/node_modules node walk.cjs PROGRAM [PICTURES]
//
// PROGRAM is sanad-desk. Skips, and says why, where Chromium, playwright-core or axe-core is absent:
// apt-get install chromium fonts-noto-core; npm install playwright-core axe-core

const { createHmac } = require("node:crypto");
const { execFileSync, spawn } = require("node:child_process");
const fs = require("node:fs");
const os = require("node:os");
const path = require("node:path");

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
  const custodians = ["custodian-one", "custodian-two", "custodian-three"].map((name) => {
    const said = desk("custodian", name, "--out", path.join(folder, `${name}.key`));
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
  return { data, people };
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
    if (message.type() === "error" && !/status of 4/.test(message.text())) faults.push(message.text());
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
  await page.click("main form button");
  await look(page, `${language}-7-status`);
  if (!(await page.textContent("main")).includes(TEXTS[language])) faults.push(`${language}: the text is not there`);
  for (const rest of ["record", "verify"]) {
    await page.goto(`${origin}/${language}/${rest}`);
    await look(page, `${language}-8-${rest}`);
  }
  await page.goto(`${origin}/${language}/nowhere`);
  await look(page, `${language}-9-nowhere`);
  if ((await page.context().cookies()).length > 0) faults.push(`${language}: a cookie for a filer`);
  return { page, receipt };
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
  await page.click(`form[action$="/step/${step}"] button`);
}

async function walk(browser, origin, people) {
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
  await file(browser, origin, "ps");
  await file(browser, origin, "en");
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
  const { data, people } = begin();
  const { child, origin, said } = await serve(data);
  if (!said.includes("no independent audit yet")) faults.push("the start does not say that there was no audit");
  const quiet = ["--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync", "--disable-quic"];
  const browser = await chromium.launch({ executablePath: CHROMIUM, args: ["--no-sandbox", "--disable-gpu", ...quiet] });
  mirror = await (await browser.newContext({ viewport: { width: WIDTH, height: 740 } })).newPage();
  try {
    await walk(browser, origin, people);
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
