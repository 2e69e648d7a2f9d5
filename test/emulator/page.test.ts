import { spawnSync } from "node:child_process";
import path from "node:path";
import { type Browser, chromium, type Page } from "playwright-core";
import { type Emulator, type ManualClock, manualClock, seeds, startEmulator } from "../../emulator";
import { call } from "./signed-call";

/** The page is tested in a real browser: an installed one, or one from npm (scripts/browser.mjs). */
const found = spawnSync(process.execPath, [path.resolve(__dirname, "../../scripts/browser.mjs")], { encoding: "utf8" });
if (found.status !== 0) process.stderr.write(`The emulator's page is not tested: ${found.stderr}`);
const program = found.status === 0 ? (JSON.parse(found.stdout) as { command: string; env: object }) : undefined;
const inBrowser = program ? test : test.skip;

let clock: ManualClock;
let emulator: Emulator;
let browser: Browser;
let page: Page;
const problems: string[] = [];
beforeAll(async () => {
  if (!program) return;
  const env = { ...process.env, ...program.env } as Record<string, string>;
  browser = await chromium.launch({ executablePath: program.command, args: ["--no-sandbox"], env });
});
afterAll(() => browser?.close());
beforeEach(async () => {
  clock = manualClock();
  emulator = await startEmulator({ clock });
  if (!program) return;
  problems.length = 0;
  page = await browser.newPage();
  page.on("pageerror", (error) => problems.push(String(error)));
  page.on("request", (request) => {
    if (!request.url().startsWith(emulator.endpoint) && !request.url().startsWith("data:"))
      problems.push(request.url());
  });
});
afterEach(async () => {
  await page?.close();
  await emulator.close();
  expect(problems).toEqual([]);
});

const shows = (selector: string, hasText: string) => page.locator(selector).filter({ hasText }).waitFor();
const create = async (params = {}) =>
  (await call(emulator, "CreateImage", { InstanceId: seeds.instanceId, ImageName: "golden", ...params })).body.ImageId;

inBrowser("it shows what the world holds, and an image moving to its end when time is moved forward", async () => {
  await page.goto(`${emulator.endpoint}/`);
  await shows("#instances", seeds.instanceId);
  expect(await page.textContent("#instances")).toContain("system 40 GiB, data 100 GiB");
  expect(await page.textContent("#buckets")).toContain(`${seeds.imageObject} · 5.0 GiB`);
  const imageId = await create({ "Tag.1.Key": "team", "Tag.1.Value": "<b>web</b>" });
  await page.click("text=+10 s");
  await shows("#images", "16%");
  expect(await page.textContent("#images")).toContain(imageId);
  expect(await page.textContent("#images .tag")).toBe("team: <b>web</b>");
  await page.click("text=+1 min");
  await shows("#images", "Available");
  expect(await page.textContent("#calls")).toContain("CreateImage200");
});

inBrowser("its buttons edit and delete an image, inject a fault, and start over", async () => {
  const imageId = await create({ "Tag.1.Key": "team", "Tag.1.Value": "web" });
  await page.goto(`${emulator.endpoint}/`);
  await page.click("text=Edit");
  await page.fill("[name=description]", "changed by hand");
  await page.fill("[name=tags]", "owner=ops=1");
  await page.click("text=Change");
  await shows("#images", "changed by hand");
  const image = emulator.world.images.get(imageId)!;
  expect([image.description, Object.fromEntries(image.tags)]).toEqual(["changed by hand", { owner: "ops=1" }]);

  await page.selectOption("[name=action]", "DescribeImages");
  await page.selectOption("[name=fault]", "throttle");
  await page.click("text=Inject");
  await shows("#message", "DescribeImages");
  await shows("#faults", "armed: DescribeImages Throttling.User");
  expect((await call(emulator, "DescribeImages")).body.Code).toBe("Throttling.User");
  await shows("#calls", "Throttling.User");

  page.on("dialog", (dialog) => dialog.accept());
  await page.click("#images >> text=Delete");
  await shows("#images", "none");
  expect(emulator.world.images.has(imageId)).toBe(false);

  await create();
  await page.click("text=Reset");
  await shows("#images", "none");
});

inBrowser("it says of an instance that it is locked, and folds the package's own tags into one badge", async () => {
  await create({ "Tag.1.Key": "pulumi-alicloud-image:pending", "Tag.1.Value": "version.0123456789ab" });
  await page.goto(`${emulator.endpoint}/`);
  await shows("#instances", "locked: security");
  expect(await page.textContent("#images .own")).toBe("version");
});

inBrowser.each([360, 600, 1024, 1280, 1600])("at %d pixels nothing is cut off or broken", async (width) => {
  await page.setViewportSize({ width, height: 900 });
  const ImageId = await create({ "Tag.1.Key": "a-long-key".repeat(6), "Tag.1.Value": "v".repeat(100) });
  await clock.advance(60_000);
  await call(emulator, "ModifyImageSharePermission", { ImageId, "AddAccount.1": "2222222222222222" });
  await call(emulator, "ExportImage", { ImageId, OSSBucket: seeds.exportBucket, OSSPrefix: "x".repeat(30) });
  await clock.advance(60_000);
  await page.goto(`${emulator.endpoint}/`);
  await shows("#buckets", "2 objects");
  expect(await page.evaluate("document.documentElement.scrollWidth - innerWidth")).toBeLessThanOrEqual(0);
  const [cut, broken] = (await page.evaluate(`[
    [...document.querySelectorAll("section")].filter((card) => card.scrollWidth > card.clientWidth),
    [...document.querySelectorAll("#calls .ok, .status > span")].filter((word) => word.offsetHeight > 30),
  ].map((all) => all.map(({ textContent }) => textContent))`)) as [string[], string[]];
  expect({ cut, broken }).toEqual({ cut: [], broken: [] });
});

inBrowser.each(["light", "dark"] as const)("its text is readable in a %s browser", async (colorScheme) => {
  await page.emulateMedia({ colorScheme });
  await page.goto(`${emulator.endpoint}/`);
  await shows("#instances", "Running");
  const [text, background] = (await page.evaluate(`(() => {
    const { color, backgroundColor } = getComputedStyle(document.body);
    return [color, backgroundColor].map((value) => Math.max(...value.match(/\\d+/g).slice(0, 3).map(Number)));
  })()`)) as [number, number];
  expect(Math.abs(text - background)).toBeGreaterThan(180);
  expect(background > 128).toBe(colorScheme === "light");
});

inBrowser("a page from elsewhere cannot control it", async () => {
  const other = await startEmulator();
  await page.goto(`${emulator.endpoint}/`);
  const imageId = await create();
  const outcome = await page.evaluate(
    async ([endpoint]) =>
      fetch(`${endpoint}/_emulator/reset`, { method: "POST", mode: "no-cors", body: "{}" }).then(
        () => "sent",
        () => "blocked",
      ),
    [other.endpoint.replace("127.0.0.1", "localhost")],
  );
  problems.splice(0);
  expect(outcome).toBe("blocked");
  const foreign = await fetch(`${emulator.endpoint}/_emulator/reset`, {
    method: "POST",
    headers: { "content-type": "application/json", origin: "http://example.com" },
    body: "{}",
  });
  expect(foreign.status).toBe(403);
  expect(emulator.world.images.has(imageId)).toBe(true);
  await other.close();
});
