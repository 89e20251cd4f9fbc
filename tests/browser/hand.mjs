// "Teach it your hand": drawings with labels, undo, training with a progress bar, the result in words, back to the original network.
import { complaints, draw, picture, strokes, verdict, withBrowser } from "./browser.mjs";

const address = process.argv[2];

await withBrowser(async (browser, check) => {
  const page = await browser.newPage({ viewport: { width: 1100, height: 800 } });
  const said = complaints(page);
  await page.goto(address);
  await page.locator("#hand-begin").waitFor();
  const asked = () => page.locator("#hand-ask b").textContent();
  const state = wanted => page.locator(`#hand[data-state='${wanted}']`).waitFor({ timeout: 120000 });
  const kept = n => page.waitForFunction(n => document.querySelectorAll("#hand-classes canvas").length === n, n);
  check("without drawings there is nothing to train on", await page.locator("#hand-train").isDisabled() && await page.locator("#hand-bar").isHidden());

  await page.locator("#hand-begin").click();
  check("it asks for the first digit", await asked() === "0" && await page.locator("#hand-keep").isDisabled());
  for (let digit = 0; digit < 10; digit++) {
    if (await asked() !== String(digit)) check(`it asks for ${digit}`, false, await asked());
    await draw(page, page, strokes.slanted[digit]);
    if (digit % 2) await page.locator("#hand-keep").click();
    else await page.keyboard.press("Enter");
    await kept(digit + 1);
  }
  check("it goes round all ten, by button and by key", await asked() === "0" && await verdict(page) === "?");
  await draw(page, page, strokes.slanted[7]);
  await page.locator("#hand-keep").click();
  await kept(11);
  await page.locator("#hand-undo").click();
  await kept(10);
  check("a drawing with a wrong label can be taken back", await asked() === "0");
  await page.locator("#hand-classes button").nth(1).click();
  check("any digit can be chosen", await asked() === "1");
  await draw(page, page, strokes.slanted[1]);
  await page.screenshot({ path: picture("hand-drawing.png"), fullPage: true });
  await page.locator("#hand-keep").click();
  await kept(11);
  check("the drawings outlast the page", await outlasts(page, kept));

  await page.evaluate(() => scrollTo(0, 0));   // a browser keeps the place when it reloads
  await draw(page, page, strokes.slanted[1]);   // the network is not sure of it, so another one says something else
  await verdict(page);
  const before = await page.locator("#bars").textContent();
  await page.locator("#hand-train").click();
  await page.locator("#hand-progress").waitFor();
  await state("training");
  await page.screenshot({ path: picture("hand-training.png"), fullPage: true });
  await state("trained");
  const words = await page.locator("#hand-result").textContent();
  check("the result is told in words", /It learned from 7 drawings .*Of the 4 drawings held back.*validation images of MNIST/s.test(words), words);
  check("and as bars", await page.locator("#hand-result .hand-track").count() === 4);
  check("the page says that another network recognizes", (await page.locator("#model").textContent()).startsWith("A network that was fine-tuned"));
  await page.waitForFunction(before => document.getElementById("bars").textContent !== before, before);
  check("what is on the board is read by it", await verdict(page) !== "?");
  await page.screenshot({ path: picture("hand-result.png"), fullPage: true });
  await page.locator("#hand-swap").click();
  await page.waitForFunction(before => document.getElementById("bars").textContent === before, before);
  check("the original network comes back", (await page.locator("#model").textContent()).startsWith("The network that comes with the project"));

  const phone = await browser.newContext({ viewport: { width: 390, height: 844 }, deviceScaleFactor: 2, hasTouch: true, isMobile: true, colorScheme: "dark" });
  const small = await phone.newPage();
  const alsoSaid = complaints(small);
  await small.goto(address);
  await small.locator("#hand-begin").tap();
  await small.locator("#hand-keep").waitFor();
  check("nothing is wider than a telephone", await small.evaluate(() => document.documentElement.scrollWidth <= innerWidth));
  const [board, keep] = [await small.locator("#canvas").boundingBox(), await small.locator("#hand-keep").boundingBox()];
  check("board and button are in view together", board.y >= 0 && keep.y + keep.height <= 844, `${board.y} to ${keep.y + keep.height}`);
  await small.screenshot({ path: picture("hand-phone.png"), fullPage: true });
  check("neither page has anything to complain of", said.length + alsoSaid.length === 0, [...said, ...alsoSaid].join("; "));
});

async function outlasts(page, kept) {
  await page.reload();
  await kept(11);
  return await page.locator("#hand-train").textContent() === "Train on 11";
}
