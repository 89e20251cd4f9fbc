// Notebook 13 in JupyterLab: opened, run from top to bottom, and drawn on in its frame.
import { complaints, draw, picture, strokes, verdict, withBrowser } from "./browser.mjs";

const address = process.argv[2];

await withBrowser(async (browser, check) => {
  const page = await browser.newPage({ viewport: { width: 1300, height: 1000 } });
  await page.goto(address);
  if (await page.locator("#username_input").count()) {   // a hub's: see hub.py
    await page.fill("#username_input", "ann");
    await page.fill("#password_input", process.env.PASSWORD);
    await page.click("#login_submit");
  }
  await page.locator(".jp-Notebook .jp-CodeCell").first().waitFor({ timeout: 120000 });
  const said = complaints(page);
  // by JupyterLab's own commands: menus and cells out of view are drawn late, on a slow machine very late
  await page.waitForFunction(() => window.jupyterapp?.shell.currentWidget?.sessionContext?.session?.kernel, null, { timeout: 60000 });
  await page.evaluate(() => window.jupyterapp.commands.execute("notebook:run-all-cells"));
  await page.evaluate(() => {
    const notebook = window.jupyterapp.shell.currentWidget.content;
    const at = notebook.widgets.findIndex(cell => /\bhtml\(\)/.test(cell.model.sharedModel.source) && cell.model.type === "code");
    notebook.activeCellIndex = at;
    return notebook.scrollToItem(at, "center");
  });
  const board = page.frameLocator('iframe[title="Draw a digit"]');
  await page.locator('iframe[title="Draw a digit"]').waitFor({ state: "attached", timeout: 60000 }).catch(() => {});
  await page.screenshot({ path: picture("lab.png") });   // what there is, should the frame not be there
  await page.locator('iframe[title="Draw a digit"]').scrollIntoViewIfNeeded({ timeout: 5000 });
  await board.locator("#model:not(:empty)").waitFor({ timeout: 30000 });
  const ran = await page.evaluate(() => {   // from the model: cells out of view have no elements
    const codes = window.jupyterapp.shell.currentWidget.content.widgets.filter(cell => cell.model.type === "code");
    const ended = cell => cell.model.executionCount !== null && !cell.model.outputs.toJSON().some(output => output.output_type === "error");
    return { cells: codes.length, ended: codes.filter(ended).length };
  });
  check("the notebook runs to its end", ran.cells > 10 && ran.ended === ran.cells, `${ran.ended} of ${ran.cells} cells`);
  const frame = await page.locator('iframe[title="Draw a digit"]').getAttribute("src");
  check("the page comes through the proxy", frame.includes("/user/ann/proxy/"), frame.replace(/[0-9a-f]{32}/, "…"));

  let right = 0;
  for (const digit of [0, 2, 3, 7]) {
    await board.locator("#canvas").scrollIntoViewIfNeeded();
    await draw(page, board, strokes.upright[digit]);
    if (await verdict(board) === String(digit)) right++;
    if (digit !== 7) await board.locator("#clear").click();
  }
  check("four digits are recognized in the frame", right === 4, `${right} of 4`);
  await page.screenshot({ path: picture("lab.png") });
  const ours = said.filter(text => text.includes("/proxy/"));
  check("the frame has nothing to complain of", ours.length === 0, ours.join("; "));
});
