// The page without a server: static.mjs PAGE DEMO compares it with the server's page at DEMO, which has the same network.
import { complaints, draw, picture, strokes, touch, verdict, withBrowser } from "./browser.mjs";

const [address, demo] = process.argv.slice(2);
const hands = Object.keys(strokes).filter(name => name !== "about");
const ready = page => page.locator("body[data-ready]").waitFor({ timeout: 30000 });
const chosen = page => page.locator(".stage[aria-pressed=true] .title").textContent();

await withBrowser(async (browser, check) => {
  // the best of three
  let first = Infinity;
  for (let i = 0; i < 3 && first > 2000; i++) {
    const context = await browser.newContext({ viewport: { width: 1280, height: 720 } });
    const opened = await context.newPage();
    await opened.goto(address, { waitUntil: "commit" });
    await opened.locator("body[data-settled]").waitFor();   // the board is there; the network may not be yet
    await draw(opened, opened, strokes.upright[1]);
    await opened.waitForFunction(() => performance.getEntriesByName("stroke-to-bars").length, null, { polling: 20 });
    first = Math.min(first, await opened.evaluate(() => {
      const { startTime, duration } = performance.getEntriesByName("stroke-to-bars")[0];
      return startTime + duration;
    }));
    await context.close();
  }
  check.time("the first prediction is there within 2 seconds of opening the page", first, 2000);

  const context = await browser.newContext({ viewport: { width: 1280, height: 720 } });
  const requests = [];
  context.on("request", request => requests.push(request.url()));
  const page = await context.newPage();
  const said = complaints(page);
  await page.goto(address);
  await ready(page);
  check("the page says which network predicts", (await page.locator("#model").textContent()).startsWith("The network that comes with the project"));

  let right = 0, pixels = 0, probabilities = 0, layers = 0;
  const wrong = [];
  const compare = async () => {   // with the server; each digit in one hand: its answers take longer than the drawing
    const here = await page.evaluate(async () => {
      const { bytes, SIDE } = await import("./board.js"), { source } = await import("./page.js");
      const prediction = await source.drawing(bytes()), inside = await source.activations(prediction);
      return { ink: [...bytes()], pixels: [...prediction.pixels], probabilities: [...prediction.probabilities],
        layers: inside.map(({ largest, levels }) => ({ largest, levels: [...levels] })) };
    });
    const there = await ask("drawing", here.ink);
    pixels = Math.max(pixels, apart(here.pixels, there.pixels));
    probabilities = Math.max(probabilities, apart(here.probabilities, there.probabilities));
    for (const [i, layer] of (await ask("layers", here.pixels)).entries()) {
      const levels = Buffer.from(layer.levels, "base64");
      layers = Math.max(layers, apart(here.layers[i].levels, levels), 1000 * Math.abs(here.layers[i].largest / layer.largest - 1));
    }
  };
  for (const hand of hands) {
    for (let digit = 0; digit < 10; digit++) {
      await draw(page, page, strokes[hand][digit]);
      const read = await verdict(page);
      if (read === String(digit)) right++;
      else wrong.push(`${hand} ${digit} read as ${read}`);
      if (hand === hands[digit % hands.length]) await compare();
      await page.locator("#clear").click();
    }
  }
  check("27 of 30 drawn digits are recognized", right >= 27, `${right}${wrong.length ? `; ${wrong.join(", ")}` : ""}`);
  check("the same pixels as in Java, within one gray level", pixels <= 1, `${pixels} apart`);
  check("the same probabilities as in Java, within 0.00001", probabilities <= 1e-5, probabilities.toExponential(1));
  check("the same numbers in every layer, within one level of 127", layers <= 1, `${layers.toFixed(3)} apart`);
  const times = (await page.evaluate(() => performance.getEntriesByName("stroke-to-bars").map(each => each.duration))).sort((a, b) => a - b);
  check.time("from stroke to bars and maps within 50 ms", times[times.length >> 1], 50,
    ` in the median, 95 % below ${times[Math.floor(0.95 * times.length)].toFixed(0)} ms (${times.length} predictions)`);

  await page.locator("#canvas").focus();
  for (const key of ["Space", ...Array(15).fill("ArrowDown"), "Space"]) await page.keyboard.press(key);
  check("a one can be drawn with the keyboard", await verdict(page) === "1", await page.locator("#digit").textContent());
  const one = await maps(page);
  await page.keyboard.press("Delete");
  check("Delete clears", await verdict(page) === "?");
  await settled(page);
  const none = await maps(page);
  check("and empties every layer", one.every((map, i) => map !== none[i]));
  await draw(page, page, strokes.upright[4].slice(0, 1));
  const half = await verdict(page);
  await settled(page);
  const before = await maps(page);
  await draw(page, page, strokes.upright[4].slice(1));
  check("the second stroke counts", half !== "4" && await verdict(page) === "4", half);
  await settled(page);
  check("every layer follows the pen", (await maps(page)).every((map, i) => map !== before[i]));
  check("undo takes it back", await page.locator("#undo").click().then(() => verdict(page)) === half);

  check("eight layers and the image are shown", await page.locator(".stage:visible").count() === 9);
  await page.locator("#normed").click();
  check("and five of batch normalization, if wanted", await page.locator(".stage:visible").count() === 14);
  await page.locator("#normed").click();
  await page.locator(".stage").first().focus();
  await page.keyboard.press("ArrowRight");
  await page.keyboard.press("ArrowRight");
  check("arrow keys go from layer to layer", await chosen(page) === "Conv 2" && (await page.locator("#stage-text").textContent()).includes("32 maps before"));
  const lens = await page.locator("#lens").evaluate(canvas => canvas.toDataURL());
  await page.locator(".stage canvas").nth(3).click({ position: { x: 40, y: 15 } });
  check("a map that is clicked is enlarged", /Map \d+ of 32\. /.test(await page.locator("#stage-map").textContent())
    && lens !== await page.locator("#lens").evaluate(canvas => canvas.toDataURL()), await page.locator("#stage-map").textContent());
  await page.locator("#walk").click();
  check("the walk begins at the image, and dims what follows", await chosen(page) === "Image" && await page.locator(".later:visible").count() === 8);
  await page.locator("#walk").click();
  check("and stops when asked to", await page.locator(".later").count() === 0);

  await page.locator("#clear").click();
  const place = (digit, left) => strokes.upright[digit].map(stroke => stroke.map(([x, y]) => [left + 0.45 * x, 25 + 0.5 * y]));
  await draw(page, page, [...place(4, 2), ...place(7, 52)]);
  check("a number is read digit by digit", await verdict(page) === "47", await page.locator("#digit").textContent());
  await settled(page);
  const four = await maps(page);
  await page.locator("#shapes button").nth(1).click();
  await settled(page);
  check("the layers show the digit that is looked at", (await maps(page)).every((map, i) => map !== four[i]));
  await page.screenshot({ path: picture("static.png") });
  check("there is no button for photographs", await page.locator("#choose").isHidden());
  await page.locator("#file").setInputFiles({ name: "seven.png", mimeType: "image/png", buffer: Buffer.from("photograph") });
  check("and a photograph that is dropped gets a way out", (await page.locator("#trouble").textContent()).includes("make demo"));
  await page.locator("#clear").click();

  await page.waitForFunction(() => navigator.serviceWorker.controller, null, { timeout: 20000 });
  await context.setOffline(true);
  await page.reload();
  await ready(page);
  await draw(page, page, strokes.upright[3]);
  check("after the first visit it works without a network", await verdict(page) === "3");
  check("nothing outside the folder is asked for", requests.length > 10 && requests.every(url => url.startsWith(address) || url.startsWith("data:")),
    requests.filter(url => !url.startsWith(address)).join(", "));
  check("the page has nothing to complain of", said.length === 0, said.join("; "));
  await context.close();

  const phone = await browser.newContext({ viewport: { width: 390, height: 844 }, deviceScaleFactor: 2, hasTouch: true, isMobile: true,
    reducedMotion: "reduce", colorScheme: "dark" });
  const small = await phone.newPage();
  const alsoSaid = complaints(small);
  await small.goto(address);
  await touch(small, phone, strokes.upright[2]);
  check("a finger draws on a telephone", await verdict(small) === "2", await small.locator("#digit").textContent());
  check("nothing is wider than its screen", await small.evaluate(() => document.documentElement.scrollWidth <= innerWidth));
  check("the bars are in view while one draws", (await small.locator("#bars li").last().boundingBox()).y < 844);
  await small.locator(".stage").last().scrollIntoViewIfNeeded();
  for (let i = 0; i < 4 && await chosen(small) !== "Prediction"; i++) {   // a tap while the page still scrolls only stops it
    await small.waitForTimeout(300);
    await small.locator(".stage").last().tap();
    await small.waitForTimeout(300);
  }
  check("a finger chooses a layer", await chosen(small) === "Prediction");
  check("each layer's name and bars lie within its frame", await small.evaluate(() => [...document.querySelectorAll(".stage")].filter(stage => stage.offsetParent)
    .every(stage => [...stage.querySelectorAll(".title, .maps, .maps i")].every(each =>
      each.getBoundingClientRect().right <= stage.getBoundingClientRect().right && each.getBoundingClientRect().left >= stage.getBoundingClientRect().left))));
  check("nothing moves where motion is unwanted", await small.evaluate(() => document.getAnimations().length === 0));
  await small.evaluate(() => scrollTo(0, document.body.scrollHeight));
  await small.screenshot({ path: picture("static-phone.png") });
  check("the telephone's page has nothing to complain of", alsoSaid.length === 0, alsoSaid.join("; "));
});

/** What the server says about these bytes. */
async function ask(path, bytes) {
  const response = await fetch(demo + path, { method: "POST", headers: { "Content-Type": "application/octet-stream" }, body: Uint8Array.from(bytes) });
  return response.json();
}

/** The largest difference of two lists. */
function apart(one, other) {
  return one.length === other.length ? one.reduce((most, value, i) => Math.max(most, Math.abs(value - other[i])), 0) : Infinity;
}

/** The pictures of all layers that are shown, the bars of the last one as text. */
function maps(page) {
  return page.evaluate(() => [...document.querySelectorAll(".stage")].filter(stage => stage.offsetParent)
    .map(stage => stage.querySelector("canvas")?.toDataURL() || stage.querySelector(".maps").innerHTML));
}

/** Waits until the layers show what the bars show. */
function settled(page) {
  return page.waitForFunction(() => document.body.dataset.settled === "true" && document.getElementById("stages").dataset.settled === "true", null, { polling: 20 });
}
