// What both parts need: the system's browser, a tally, and a hand that draws.
import { createRequire } from "node:module";
import { readFileSync } from "node:fs";
import { join } from "node:path";

const { chromium } = createRequire(join(process.env.OUTPUT, "node_modules/"))("playwright-core");

export const strokes = JSON.parse(readFileSync(new URL("../../lib/digits/image/strokes.json", import.meta.url), "utf8"));
export const picture = name => join(process.env.OUTPUT, name);

export async function withBrowser(work) {
  // without the sandbox as root, where there is none, and in containers that allow no namespaces
  const browser = await chromium.launch({ executablePath: process.env.CHROMIUM, args: ["--no-sandbox", "--disable-dev-shm-usage", "--disable-gpu"] });
  let failed = 0;
  const check = (what, holds, detail = "") => {
    if (!holds) failed++;
    console.log(`  ${holds ? "passed" : "FAILED"}  ${what}${detail === "" ? "" : `: ${detail}`}`);
  };
  // Whether a limit holds on a quiet machine is printed; a machine that is busy, or whose host is, may take four times as long.
  check.time = (what, milliseconds, limit, detail = "") => {
    const said = `${milliseconds.toFixed(0)} ms${detail}`;
    if (milliseconds > limit && milliseconds <= 4 * limit) console.log(`  SLOW    ${what}: ${said}`);
    else check(what, milliseconds <= limit, said);
  };
  try {
    await work(browser, check);
  } catch (problem) {
    check("it went to the end", false, problem.message);
  } finally {
    await browser.close();
  }
  process.exit(failed ? 1 : 0);
}

/** Everything that the page complains of: messages of the console, errors, failed requests. */
export function complaints(page) {
  const list = [];
  page.on("console", message => { if (["error", "warning"].includes(message.type())) list.push(message.text()); });
  page.on("pageerror", error => list.push(error.message));
  page.on("requestfailed", request => list.push(`${request.url()}: ${request.failure().errorText}`));
  page.on("response", response => { if (response.status() >= 400) list.push(`${response.status()} ${response.url()}`); });
  return list;
}

/** Draws strokes, points of 0 to 100, with the mouse; `where` is the page, or the frame in it that has the board. */
export async function draw(page, where, all) {
  const box = await where.locator("#canvas").boundingBox();
  const at = ([x, y]) => [box.x + x / 100 * box.width, box.y + y / 100 * box.height];
  for (const stroke of all) {
    await page.mouse.move(...at(stroke[0]));
    await page.mouse.down();
    await Promise.all(stroke.slice(1).map(point => page.mouse.move(...at(point))));   // as a mouse does, without waiting for the page
    await page.mouse.up();
  }
}

/** The digit that is shown when the page has a prediction for everything that was drawn. */
export async function verdict(where) {
  await where.locator("body[data-settled='true']").waitFor({ timeout: 20000 });
  return where.locator("#digit").textContent();
}

/** Draws with a finger: touches as the browser gets them from a screen. */
export async function touch(page, context, all) {
  const session = await context.newCDPSession(page);
  const box = await page.locator("#canvas").boundingBox();
  for (const stroke of all) {
    for (let i = 0; i < stroke.length; i++) {
      const [x, y] = stroke[i];
      await session.send("Input.dispatchTouchEvent", { type: i ? "touchMove" : "touchStart",
        touchPoints: [{ x: box.x + x / 100 * box.width, y: box.y + y / 100 * box.height }] });
    }
    await session.send("Input.dispatchTouchEvent", { type: "touchEnd", touchPoints: [] });
  }
  await session.detach();
}
