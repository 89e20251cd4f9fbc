// The slides, opened from a disk and without a network: slides.mjs FOLDER
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { complaints, picture, withBrowser } from "./browser.mjs";

const [folder] = process.argv.slice(2);

await withBrowser(async (browser, check) => {
  const context = await browser.newContext({ viewport: { width: 1280, height: 720 }, offline: true });
  for (const file of readdirSync(folder).filter(name => name.endsWith(".html")).sort()) {
    const page = await context.newPage(), requests = [], said = complaints(page);
    page.on("request", request => requests.push(request.url()));
    await page.goto(pathToFileURL(join(folder, file)).href);
    const seen = () => page.locator("section:visible").evaluateAll(all => all.map(each => Number(each.id)));
    const states = [await seen()];
    for (const key of ["ArrowRight", "End", "ArrowLeft", "Home"]) {
      await page.keyboard.press(key);
      states.push(await seen());
    }
    const count = await page.locator("section").count();
    check(`${file} shows slide 1, moves by the keys, and comes back`,
      JSON.stringify(states) === JSON.stringify([[1], [2], [count], [count - 1], [1]]), JSON.stringify(states));

    const asks = await page.locator("section:has(details)").first().getAttribute("id");
    await page.evaluate(at => { location.hash = at; }, asks);
    await page.locator(`[id="${asks}"].now`).waitFor();
    await page.keyboard.press("ArrowRight");
    const answered = await page.locator("section:visible details[open]").count() === 1 && String(await seen()) === asks;
    await page.keyboard.press("ArrowRight");
    check("the answer comes before the next slide", answered && String(await seen()) === String(Number(asks) + 1));

    const [notes] = await Promise.all([page.waitForEvent("popup"), page.keyboard.press("n")]);
    const before = await notes.locator("body").textContent();
    await notes.keyboard.press("ArrowLeft");
    check("the notes follow, and their window has the same keys", String(await seen()) === asks && before !== await notes.locator("body").textContent());
    await notes.close();

    await page.screenshot({ path: picture(`slides-${file}.png`) });
    const pdf = await page.pdf({ preferCSSPageSize: true });
    const pages = pdf.toString("latin1").match(/\/Type\s*\/Page\b/g).length;
    check("prints one slide per page, with the answers", pages === count && await page.locator("details:not([open])").count() === 0, `${pages} of ${count}`);
    const outside = await page.evaluate(() => [...document.querySelectorAll("section")].flatMap(slide => {
      const end = slide.querySelector("footer").getBoundingClientRect().top + 1, side = slide.getBoundingClientRect().right - 20;
      return [...slide.querySelectorAll("h1, h2, td, .text > *, .shown > *, .body > details")].filter(each => {
        const { right, bottom } = each.getBoundingClientRect();
        return bottom > end || right > side || each.scrollWidth > each.clientWidth + 1;
      }).map(each => `${slide.id} ${each.tagName}: ${each.textContent.slice(0, 40)}`);
    }));
    check("everything is inside its slide", outside.length === 0, outside.join(" · "));
    const others = requests.filter(url => !/^(file|data|about):/.test(url));
    check("nothing is fetched, and nothing is complained of", others.length + said.length === 0, [...others, ...said].join(" · "));
    await page.close();
  }
});
