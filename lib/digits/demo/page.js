// The page: asks for a prediction after each change of the board, and shows it. Where predictions come from is exchangeable: server.js
// asks the server that serves the page, browser.js computes them in the browser. Every address is relative, so the page also works below
// any path and behind a hub's proxy.

import * as board from "./board.js";
import { $, oneAtATime, say, trouble } from "./dom.js";
import { LayersView } from "./layers.js";
import { takePhotographs } from "./photo.js";

const PIXELS = 28;
const seen = $("seen").getContext("2d");

/** Where predictions come from, see start(). */
export let source = null;
let layers = null;        // shows what each layer computes
let said = null;          // the last response, for what is on the board now: one prediction for each digit
let prediction = null;    // the one of them that is shown
let looked = null;        // {of, kind, numbers}: saliency or Grad-CAM of that prediction

/**
 * Starts the page.
 *
 * @param from where predictions come from. model is a promise of {description, layers}, see layers.js. drawing(bytes) and picture(file)
 *             promise a prediction: {digit, runnerUp, probabilities, pixels, next}, and in next those of the digits to the right of the
 *             first. look(kind, prediction), "saliency" or "gradcam", promises 28×28 numbers, -100 to 100. activations(prediction)
 *             promises {largest, levels} for each layer: bytes, of which 128 means 0, and 255 and 1 mean largest and -largest. If
 *             nothing can read photographs or make saliency maps, `without` has a sentence for each: {picture, look}.
 */
export function start(from) {
  source = from;
  source.model.then(model => {
    $("model").textContent = model.description;
    distinguish(model.names || names);
    choose(0);
    layers = new LayersView(model.layers, source.activations, names);
    layers.show(prediction);
    if (!said) choose(0);   // no longer loading
    document.body.dataset.ready = "true";
  }).catch(problem => trouble(problem.message));
  takePhotographs(source.without?.picture);
  $("looks").hidden = Boolean(source.without?.look);
  board.onChange(ask);
  show(null);
  ask();
}

/** Asks for one prediction at a time; for changes made meanwhile, when the response has arrived. */
export const ask = oneAtATime(async () => {
  const begin = board.changedSince();
  try {
    if (board.isEmpty()) show(null);
    else {
      const shown = board.photo();
      const response = await (shown ? source.picture(shown.file) : source.drawing(board.bytes()));
      if (!board.isEmpty()) show(response);
      if (begin) performance.measure("stroke-to-bars", { start: begin, end: performance.now() });
      if (performance.getEntriesByName("stroke-to-bars").length > 2000) performance.clearMeasures();
    }
    trouble("");
  } catch (problem) {
    show(null);
    trouble(problem.message);
  }
}, () => {
  document.body.dataset.settled = String(!board.isChanging());   // for tests that wait until everything drawn has its prediction
});

// --- display ---------------------------------------------------------------------------------------------------------------------

const SHOWN = 10;         // bars, if there are more classes
let names = [], rows = [];
/** Makes a bar for each class. */
function distinguish(classes) {
  names = classes;
  const widest = Math.max(...names.map(name => name.length));
  rows = names.map(name => {
    const row = document.createElement("li");
    row.innerHTML = `<span class="name"></span><span class="track" role="meter" aria-valuemin="0" aria-valuemax="100" aria-valuenow="0">`
      + `<span class="bar"></span></span><span class="share"></span>`;
    const [label, track, share] = row.children;
    label.textContent = name;
    track.setAttribute("aria-label", `probability of ${name}`);
    if (widest > 1) row.style.gridTemplateColumns = `${widest + 1}ch 1fr 4.6em`;
    return { row, track, bar: track.firstChild, share };
  });
  $("bars").replaceChildren(...rows.map(each => each.row));
}
distinguish([..."0123456789"]);

const percent = p => p >= 0.9995 ? "> 99.9 %" : p < 0.0005 ? p > 0 ? "< 0.1 %" : "0 %" : (100 * p).toFixed(1) + " %";

/** Shows a response: a prediction, and in `next` those of the digits to the right of the first. */
function show(response) {
  said = response && [response, ...response.next];
  $("digit").textContent = said ? said.map(each => names[each.digit]).join("") : "?";
  $("digit").style.fontSize = said && said.length > 2 ? `${160 / said.length}px` : "";
  const several = said && said.length > 1;
  $("shapes").hidden = !several;
  $("shapes").replaceChildren(...several ? [`I see ${COUNTS[said.length] || said.length} shapes. Show: `, ...said.map((each, i) => {
    const button = Object.assign(document.createElement("button"), { type: "button", textContent: names[each.digit] });
    button.addEventListener("click", () => choose(i));
    return button;
  })] : []);
  choose(0);
  clearTimeout(show.later);
  if (said) show.later = setTimeout(() => say(several ? `${said.length} shapes: ${said.map(each => names[each.digit]).join(" ")}`
    : `${names[response.digit]}, ${percent(response.probabilities[response.digit])}; `
    + `runner-up ${names[response.runnerUp]}, ${percent(response.probabilities[response.runnerUp])}`), 700);
}
const COUNTS = [, , "two", "three", "four", "five", "six"];

/** Shows the probabilities and the image of one of the digits. */
function choose(index) {
  prediction = said && said[index];
  const of = prediction;
  document.body.classList.toggle("empty", !of);
  [...$("shapes").children].forEach((button, i) => button.setAttribute("aria-pressed", String(i === index)));
  $("sure").textContent = of ? percent(of.probabilities[of.digit]) : layers ? "nothing yet" : "loading the network …";
  $("second").textContent = of ? `runner-up ${names[of.runnerUp]}, ${percent(of.probabilities[of.runnerUp])}` : "";
  const least = of ? [...of.probabilities].sort((a, b) => b - a)[SHOWN] ?? -1 : -1;
  rows.forEach(({ row, track, bar, share }, digit) => {
    const p = of ? of.probabilities[digit] : 0;
    row.hidden = of ? p <= least : digit >= SHOWN;
    row.className = !of ? "" : digit === of.digit ? "first" : digit === of.runnerUp ? "next" : "";
    track.setAttribute("aria-valuenow", (100 * p).toFixed(1));
    bar.style.transform = `scaleX(${p})`;
    share.textContent = of ? percent(p) : "";
  });
  showSeen();
  layers?.show(of, board.isDrawing());
}

const LEGENDS = {
  pixels: "Cropped to the ink, scaled into 20 × 20, and centered by its mass in 28 × 28, like MNIST’s digits.",
  saliency: "Where more ink would be evidence for (blue) or against (orange) the predicted digit.",
  gradcam: "Where the last convolution found evidence for the predicted digit (yellow to orange).",
};
const how = () => document.querySelector("input[name=look]:checked").value;
for (const input of document.querySelectorAll("input[name=look]")) input.addEventListener("change", showSeen);

function showSeen() {
  const kind = how(), of = prediction;
  $("legend").textContent = LEGENDS[kind] + (source.without?.look ? ` ${source.without.look}` : "");
  $("seen").setAttribute("aria-label", !of ? "The image of 28 by 28 pixels: empty"
    : `The image of 28 by 28 pixels that the network took for a ${names[of.digit]}` + (kind === "pixels" ? "" : `, colored by its ${kind}`));
  if (!of || kind === "pixels") draw(of, null, kind);
  else if (looked && looked.of === of && looked.kind === kind) draw(of, looked.numbers, kind);
  else look();
}
const look = oneAtATime(async () => {
  const kind = how(), of = prediction;
  if (!of || kind === "pixels" || looked && looked.of === of && looked.kind === kind) return;
  try {
    looked = { of, kind, numbers: await source.look(kind, of) };
    if (prediction && how() === kind) draw(of, looked.numbers, kind);
  } catch (problem) {
    trouble(problem.message);
  }
});

const mix = (a, b, share) => a.map((value, i) => value + share * (b[i] - value));
const WHITE = [255, 255, 255], INK = [31, 35, 40], BLUE = [0, 114, 178], VERMILION = [213, 94, 0], YELLOW = [240, 228, 66], AMBER = [230, 159, 0];
function heat(share) {
  const steps = [WHITE, YELLOW, AMBER, VERMILION];
  const at = Math.min(2, Math.floor(share * 3));
  return mix(steps[at], steps[at + 1], share * 3 - at);
}

const small = Object.assign(document.createElement("canvas"), { width: PIXELS, height: PIXELS });

function draw(of, numbers, kind) {
  const side = $("seen").width;
  seen.fillStyle = "#fff";
  seen.fillRect(0, 0, side, side);
  if (!of) return;
  const image = new ImageData(PIXELS, PIXELS);
  of.pixels.forEach((value, i) => {
    const share = value / 255;
    let color = [255 - value, 255 - value, 255 - value];
    if (kind === "saliency") color = mix(WHITE, numbers[i] < 0 ? VERMILION : BLUE, Math.abs(numbers[i]) / 100);
    if (kind === "gradcam") color = mix(heat(Math.max(0, numbers[i]) / 100), INK, 0.72 * share);
    image.data.set([...color, 255], 4 * i);
  });
  small.getContext("2d").putImageData(image, 0, 0);
  seen.imageSmoothingEnabled = false;
  seen.drawImage(small, 0, 0, side, side);
  if (kind === "saliency") outline(of.pixels, side / PIXELS);
}

/** Draws a line around the pixels that are more ink than paper. */
function outline(pixels, size) {
  seen.fillStyle = `rgb(${INK})`;
  const inked = i => pixels[i] >= 128;
  for (let i = 0; i < pixels.length; i++) {
    const x = i % PIXELS, y = Math.floor(i / PIXELS);
    if (x > 0 && inked(i) !== inked(i - 1)) seen.fillRect(x * size - 1, y * size - 1, 2, size + 2);
    if (y > 0 && inked(i) !== inked(i - PIXELS)) seen.fillRect(x * size - 1, y * size - 1, size + 2, 2);
  }
}
