// The page alone: thirty digits in three hands, undo, clear, touch, keyboard, photographs, a number, what the network looked at, a phone,
// a browser that falsifies what pages read from a canvas.
import { writeFileSync } from "node:fs";
import { complaints, draw, picture, strokes, touch, verdict, withBrowser } from "./browser.mjs";

const address = process.argv[2];
const hands = Object.keys(strokes).filter(name => name !== "about");

await withBrowser(async (browser, check) => {
  const page = await browser.newPage({ viewport: { width: 1100, height: 700 } });
  const said = complaints(page);
  await page.goto(address);
  await page.locator("#model:not(:empty)").waitFor();
  const model = await page.locator("#model").textContent();
  check("the page says which network predicts", model.startsWith("The network that comes with the project"), model);

  let right = 0;
  const wrong = [];
  for (const hand of hands) {
    for (let digit = 0; digit < 10; digit++) {
      await draw(page, page, strokes[hand][digit]);
      const read = await verdict(page);
      if (read === String(digit)) right++;
      else wrong.push(`${hand} ${digit} read as ${read}`);
      await page.locator("#clear").click();
    }
  }
  const other = await browser.newPage();   // the console reports what the server refuses
  await other.goto(address);
  const unlike = await preparations(other);
  await other.close();
  check("the preparation in JavaScript is the server's, for these and for stranger drawings", unlike === "", unlike);
  check("27 of 30 drawn digits are recognized", right >= 27, `${right}${wrong.length ? `; ${wrong.join(", ")}` : ""}`);
  const times = (await page.evaluate(() => performance.getEntriesByName("stroke-to-bars").map(each => each.duration))).sort((a, b) => a - b);
  console.log(`  from stroke to bars: median ${times[times.length >> 1].toFixed(0)} ms, 95 % below ${times[Math.floor(0.95 * times.length)].toFixed(0)} ms `
    + `(${times.length} predictions, this browser without a graphics card)`);

  check("clear empties the board", await verdict(page) === "?" && await page.locator("#clear").isDisabled());
  await draw(page, page, strokes.upright[4].slice(0, 1));
  const half = await verdict(page);
  await draw(page, page, strokes.upright[4].slice(1));
  check("the second stroke counts", await verdict(page) === "4");
  await snapshot(page, "page.png");
  await page.locator("#undo").click();
  check("undo takes it back", await verdict(page) === half && half !== "4", half);
  await page.keyboard.press("Control+z");
  check("so does Ctrl+Z", await verdict(page) === "?");

  await page.locator("#canvas").focus();
  for (const key of ["Space", ...Array(15).fill("ArrowDown"), "Space"]) await page.keyboard.press(key);
  check("a one can be drawn with the keyboard", await verdict(page) === "1", await page.locator("#digit").textContent());
  await page.keyboard.press("Delete");
  check("Delete clears", await verdict(page) === "?");

  await draw(page, page, strokes.upright[3]);
  await verdict(page);
  const pixels = await shown(page);
  for (const look of ["saliency", "gradcam"]) {
    await page.locator(`label:has(input[value=${look}])`).click();
    await page.waitForFunction(before => document.getElementById("seen").toDataURL() !== before, pixels, { timeout: 20000 });
    check(`${look} is shown`, (await page.locator("#seen").getAttribute("aria-label")).includes(look));
  }
  await snapshot(page, "gradcam.png");
  await page.locator("label:has(input[value=pixels])").click();

  writeFileSync(picture("seven.png"), await photograph(page, strokes.upright[7]));
  await page.locator("#file").setInputFiles(picture("seven.png"));
  check("a photograph is read", await verdict(page) === "7", await page.locator("#digit").textContent());
  await snapshot(page, "photo.png");
  await page.locator("#undo").click();
  check("undo brings the drawing back", await verdict(page) === "3");

  await page.locator("#clear").click();
  const place = (digit, left) => strokes.upright[digit].map(stroke => stroke.map(([x, y]) => [left + 0.45 * x, 25 + 0.5 * y]));
  await draw(page, page, [...place(4, 2), ...place(7, 52)]);
  check("a number is read digit by digit", await verdict(page) === "47", await page.locator("#digit").textContent());
  check("the page says how many shapes there are", (await page.locator("#shapes").textContent()).startsWith("I see two shapes"));
  await page.locator("#shapes button").nth(1).click();
  check("each digit can be looked at", (await page.locator("#seen").getAttribute("aria-label")).endsWith("took for a 7")
    && await page.locator("#bars .first .name").textContent() === "7");
  await snapshot(page, "number.png");
  await page.locator("#clear").click();
  await page.locator("#shapes").waitFor({ state: "hidden", timeout: 5000 }).catch(() => {});
check("one digit has no list of shapes", await page.locator("#shapes").isHidden());
  writeFileSync(picture("seven.webp"), await photograph(page, strokes.upright[7], "image/webp"));
  await page.locator("#file").setInputFiles(picture("seven.webp"));
  check("a format that only the browser reads is converted", await verdict(page) === "7", await page.locator("#trouble").textContent());
  await page.locator("#clear").click();
  check("the page has nothing to complain of", said.length === 0, said.join("; "));

  await page.locator("#file").setInputFiles({ name: "IMG_1.HEIC", mimeType: "image/heic", buffer: Buffer.from("\0\0\0\x18ftypheic\0\0\0\0mif1heic") });
  await page.locator("#trouble:visible").waitFor();
  check("a HEIC file gets a way out", (await page.locator("#trouble").textContent()).includes("Most Compatible"));

  const falsified = await browser.newContext({ viewport: { width: 1100, height: 700 } });
  await falsified.addInitScript(falsify);
  const guarded = await falsified.newPage();
  const guardedSaid = complaints(guarded);
  await guarded.goto(address);
  let same = 0;
  for (let digit = 0; digit < 10; digit++) {
    await draw(guarded, guarded, strokes.upright[digit]);
    if (await verdict(guarded) === String(digit)) same++;
    await guarded.locator("#clear").click();
  }
  check("a canvas that falsifies what is read does not matter to a drawing", same >= 9, `${same} of 10`);
  await guarded.locator("#file").setInputFiles(picture("seven.png"));
  check("nor to a photograph that the server reads", await verdict(guarded) === "7");
  await guarded.locator("#clear").click();
  await guarded.locator("#file").setInputFiles(picture("seven.webp"));
  await guarded.locator("#trouble:visible").waitFor();
  check("a photograph that must be converted is refused with a way out", /falsifies .*PNG or JPEG/.test(await guarded.locator("#trouble").textContent()));
  check("this page has nothing to complain of", guardedSaid.length === 0, guardedSaid.join("; "));

  const phone = await browser.newContext({ viewport: { width: 390, height: 844 }, deviceScaleFactor: 2, hasTouch: true, isMobile: true });
  const small = await phone.newPage();
  const alsoSaid = complaints(small);
  await small.goto(address);
  await touch(small, phone, strokes.upright[2]);
  check("a finger draws on a telephone", await verdict(small) === "2", await small.locator("#digit").textContent());
  check("nothing is wider than its screen", await small.evaluate(() => document.documentElement.scrollWidth <= innerWidth));
  check("the bars are in view while one draws", (await small.locator("#bars li").last().boundingBox()).y < 844);
  await snapshot(small, "phone.png");

  const before = await small.locator("#digit").textContent();
  await small.route("**/drawing", route => route.fulfill({ status: 400, contentType: "application/json", body: '{"error": "No."}' }));
  await small.locator("#undo").tap();
  await touch(small, phone, strokes.upright[2]);
  await small.locator("#trouble:visible").waitFor();
  check("a refusal is shown in words", await small.locator("#trouble").textContent() === "No." && before === "2");
  await small.unroute("**/drawing");
  await small.locator("#clear").tap();
  await touch(small, phone, strokes.upright[2]);
  check("and the page goes on", await verdict(small) === "2" && await small.locator("#trouble").isHidden());
  const others = alsoSaid.filter(text => !text.includes("400"));
  check("the telephone's page has nothing else to complain of", others.length === 0, others.join("; "));
});

/** Compares ink.js with the server's Ink on drawings of all kinds; empty if they agree within one gray level, also on what is refused. */
function preparations(page) {
  return page.evaluate(async ([hands, strokes]) => {
    const { digitsAsInMnist } = await import("./ink.js");
    let seed = 1;
    const random = below => { seed = seed * 48271 % 2147483647; return seed % below; };
    const ink = (all, width, strength = 255) => {
      const bytes = new Uint8Array(40000);
      for (const stroke of all) for (let i = 0; i < stroke.length; i++) {
        const [fromX, fromY] = stroke[Math.max(0, i - 1)], [toX, toY] = stroke[i];
        for (let t = 0; t <= 1; t += 0.02) dot(bytes, 2 * (fromX + t * (toX - fromX)), 2 * (fromY + t * (toY - fromY)), width, strength);
      }
      return bytes;
    };
    const dot = (bytes, x, y, width, strength) => {
      for (let r = Math.max(0, Math.floor(y - width)); r < Math.min(200, y + width); r++) {
        for (let c = Math.max(0, Math.floor(x - width)); c < Math.min(200, x + width); c++) {
          const value = strength * Math.max(0, Math.min(1, width / 2 + 0.5 - Math.hypot(c + 0.5 - x, r + 0.5 - y)));
          bytes[200 * r + c] = Math.max(bytes[200 * r + c], value);
        }
      }
    };
    const scribble = () => Array.from({ length: 1 + random(7) }, () => Array.from({ length: 1 + random(5) }, () => [random(101), random(101)]));
    const beside = (left, digit) => strokes.upright[digit].map(stroke => stroke.map(([x, y]) => [left + 0.3 * x, 30 + 0.4 * y]));
    const drawings = [new Uint8Array(40000), new Uint8Array(40000).fill(255), new Uint8Array(40000).fill(20)];
    for (const hand of hands) for (let digit = 0; digit < 10; digit++) drawings.push(digit % 2 ? ink(strokes[hand][digit], 17) : ink(strokes[hand][digit], 6, 140));
    for (let i = 0; i < 5; i++) drawings.push(ink([...beside(0, i), ...beside(33, (i + 3) % 10), ...beside(66, (i + 7) % 10)], 9));
    for (let i = 0; i < 20; i++) drawings.push(ink(scribble(), 2 + random(18), 60 + random(196)));
    for (let i = 0; i < 4; i++) drawings.push(Uint8Array.from({ length: 40000 }, () => random(4) ? 0 : random(256)));   // noise
    for (let i = 0; i < 4; i++) drawings.push(ink(Array.from({ length: 18 + 2 * i }, (_, n) => [[4 + n * 92 / (17 + 2 * i), 40], [4 + n * 92 / (17 + 2 * i), 60]]), 2));
    const differing = [];
    for (const [i, drawing] of drawings.entries()) {
      const response = await fetch("drawing", { method: "POST", headers: { "Content-Type": "application/octet-stream" }, body: drawing }), said = await response.json();
      let mine;
      try { mine = digitsAsInMnist(drawing, 200); } catch (problem) { mine = problem.message; }
      const java = said.error || [said, ...said.next].map(each => each.pixels);
      const same = said.error ? mine === java
        : mine.length === java.length && java.every((pixels, k) => pixels.every((value, n) => Math.abs(value - mine[k][n]) <= 1));
      if (!same) differing.push(`drawing ${i}: ${said.error || java.length}, in JavaScript ${typeof mine === "string" ? mine : mine.length}`);
    }
    return differing.join("; ");
  }, [hands, strokes]);
}

/** A picture of the whole page, when its bars have come to rest. */
async function snapshot(page, name) {
  await page.waitForTimeout(300);
  await page.screenshot({ path: picture(name), fullPage: true });
}

function shown(page) {
  return page.evaluate(() => document.getElementById("seen").toDataURL());
}

/** Noise in everything that is read from a canvas, as browsers add it that resist fingerprinting. */
function falsify() {
  const read = CanvasRenderingContext2D.prototype.getImageData;
  CanvasRenderingContext2D.prototype.getImageData = function (...where) {
    const image = read.apply(this, where);
    for (let i = 0; i < image.data.length; i++) image.data[i] = Math.floor(256 * Math.random());
    return image;
  };
  for (const name of ["toBlob", "toDataURL"]) {
    const written = HTMLCanvasElement.prototype[name];
    HTMLCanvasElement.prototype[name] = function (...how) {
      const noise = Object.assign(document.createElement("canvas"), { width: this.width, height: this.height });
      const context = noise.getContext("2d");
      for (let i = 0; i < 500; i++) context.fillRect(this.width * Math.random(), this.height * Math.random(), 9, 9);
      return written.apply(noise, how);
    };
  }
}

/** Strokes in dark blue on paper with a shadow. */
async function photograph(page, all, type = "image/png") {
  const url = await page.evaluate(([all, type]) => {
    const canvas = Object.assign(document.createElement("canvas"), { width: 640, height: 480 });
    const context = canvas.getContext("2d");
    const light = context.createLinearGradient(0, 0, 640, 480);
    light.addColorStop(0, "#efe8d8");
    light.addColorStop(1, "#a9a294");
    context.fillStyle = light;
    context.fillRect(0, 0, 640, 480);
    Object.assign(context, { strokeStyle: "#26306a", lineWidth: 16, lineCap: "round", lineJoin: "round" });
    for (const stroke of all) {
      context.beginPath();
      for (const [x, y] of stroke) context.lineTo(200 + 2.6 * x, 110 + 2.6 * y);
      context.stroke();
    }
    return canvas.toDataURL(type);
  }, [all, type]);
  return Buffer.from(url.split(",")[1], "base64");
}
