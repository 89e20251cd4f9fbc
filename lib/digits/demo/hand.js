// "Teach it your hand": the reader draws a few of each class with labels, the server keeps them and fine-tunes the network on them. Only
// the server's page has this part. server.js starts it; the section makes itself, so that page.html does not know it.

import * as board from "./board.js";
import { $, say, trouble } from "./dom.js";
import { ask as predict } from "./page.js";

const EACH = 5;           // drawings of each class to ask for
const POLL = 400;         // milliseconds
const PIXELS = 28;

let server = null;        // (path, body) => a promise of the response
let names = [];
let state = null;         // Hand.State of the server
let images = [];          // 28×28 numbers for each drawing
let chosen = null;        // the class that the reader chose to draw; null: the next in turn
let teaching = false;
let keeping = false;
let queue = Promise.resolve();

const NOTHING = new Uint8Array(0);
const share = p => `${(100 * p).toFixed(1)} %`;
const count = (n, thing) => `${n.toLocaleString("en")} ${thing}${n === 1 ? "" : "s"}`;

function element(tag, properties = {}, ...children) {
  const made = Object.assign(document.createElement(tag), properties);
  made.append(...children);
  return made;
}
const button = (id, text, action) => {
  const made = element("button", { type: "button", id, textContent: text });
  made.addEventListener("click", action);
  return made;
};

/** Starts this part. */
export function teach(ask, classes) {
  server = ask;
  names = classes;
  document.head.append(element("link", { rel: "stylesheet", href: "hand.css" }));
  document.querySelector(".draw").append(element("div", { className: "hand-bar", id: "hand-bar", hidden: true },
    element("p", { id: "hand-ask" }), button("hand-keep", "Keep", keep), button("hand-undo", "Undo last kept", () => change("hand/undo"))));
  document.querySelector("main").after(section());
  board.onChange(showBar);
  document.addEventListener("keydown", event => {
    if (!teaching || event.key !== "Enter" || event.target.closest("button, summary, a, input")) return;
    event.preventDefault();
    keep();
  });
  change("hand");
}

function section() {
  const heading = element("h2", { id: "hand-title", textContent: "Teach it your hand" });
  const made = element("section", { id: "hand", className: "hand" }, heading,
    element("p", { id: "hand-why", textContent: `Draw a few of each (${EACH} are plenty): the network is trained a little further on them, in seconds. They stay on your `
      + "machine, as a separate data set in the output folder." }),
    element("div", { className: "hand-tools", id: "hand-tools", hidden: true }, button("hand-begin", "Draw my own", begin), button("hand-train", "Train", () => change("hand/train")),
      button("hand-stop", "Stop", () => change("hand/stop")), button("hand-swap", "", swap)),
    element("div", { id: "hand-running", hidden: true }, element("progress", { id: "hand-progress", max: 1, value: 0 }), element("p", { id: "hand-line" })),
    element("p", { id: "hand-problem", className: "trouble", hidden: true }),
    element("div", { id: "hand-result", hidden: true }),
    element("ol", { id: "hand-classes" }));
  heading.parentElement.setAttribute("aria-labelledby", "hand-title");
  return made;
}

// --- requests --------------------------------------------------------------------------------------------------------------------

/** Asks the server for a change, or for the state alone, when earlier requests are done; promises whether that succeeded. */
function change(path, body = NOTHING) {
  return queue = queue.then(() => request(path, body));
}

async function request(path, body) {
  let changed = true;
  try {
    const before = state;
    state = await server(path, path === "hand" ? undefined : body);
    if (!before || before.labels.length !== state.labels.length) images = state.labels.length ? await server("hand/drawings", NOTHING) : [];
    if (Boolean(before?.tuned) !== state.tuned || before?.training && !state.training) {
      $("model").textContent = state.description;
      predict();          // what is on the board, by the network that recognizes now
    }
    trouble("");
  } catch (problem) {
    changed = false;
    if (state) trouble(problem.message);
    else {                // such as damaged files: there is nothing to do here until they are moved away
      $("hand-problem").textContent = problem.message;
      $("hand-problem").hidden = false;
    }
  }
  if (state) show();
  return changed;
}

function poll() {
  clearTimeout(poll.later);
  if (state.training) poll.later = setTimeout(() => change("hand"), POLL);
}

async function keep() {
  if (keeping || board.isEmpty() || board.photo()) return;
  keeping = true;
  const label = wanted();
  if (await change(`hand/add/${label}`, board.bytes())) {
    chosen = null;
    board.clear();
    const next = wanted();
    say(`Kept as ${names[label]}. Now draw ${names[next]}.`);
  }
  keeping = false;
}

const swap = () => change(state.tuned ? "hand/original" : "hand/tuned");

// --- display ---------------------------------------------------------------------------------------------------------------------

const counts = () => state.labels.reduce((all, label) => { all[label]++; return all; }, names.map(() => 0));
/** The class to draw now: the one that was chosen, otherwise the first of those with the fewest drawings. */
function wanted() {
  const all = counts();
  return chosen ?? all.indexOf(Math.min(...all));
}

function begin() {
  teaching = !teaching;
  board.clear();
  show();
  if (teaching) toBoard();
}

/** Brings the board and the question below it into view. */
function toBoard() {
  document.querySelector(".draw").scrollIntoView();
  $("canvas").focus({ preventScroll: true });
}

function showBar() {
  $("hand-bar").hidden = !teaching;
  if (!state || !teaching) return;
  const label = wanted(), drawn = counts()[label];
  $("hand-ask").replaceChildren("Now draw ", element("b", { textContent: names[label] }),
    drawn < EACH ? ` (${drawn + 1} of ${EACH})` : ` (you have ${drawn}: that is enough to train)`);
  $("hand-keep").textContent = `Keep it as ${names[label]}`;
  $("hand-keep").disabled = board.isEmpty() || Boolean(board.photo());
  $("hand-undo").disabled = state.labels.length === 0;
}

function show() {
  $("hand-tools").hidden = false;
  const training = state.training, few = state.fewest - state.labels.length;
  $("hand-begin").textContent = teaching ? "Done drawing" : state.labels.length ? "Draw more" : "Draw my own";
  $("hand-train").disabled = Boolean(training) || few > 0;
  $("hand-train").textContent = few > 0 ? `Train (${few} more)` : `Train on ${state.labels.length}`;
  $("hand-stop").hidden = !training;
  $("hand-swap").hidden = !state.saved && !state.tuned;
  $("hand-swap").disabled = Boolean(training);
  $("hand-swap").textContent = state.tuned ? "Back to the original network" : "Use the network that knows your hand";
  $("hand-running").hidden = !training;
  if (training) {
    $("hand-progress").value = training.share;
    $("hand-line").textContent = training.line;
  }
  $("hand-problem").hidden = !state.problem;
  $("hand-problem").textContent = state.problem;
  $("hand").dataset.state = training ? "training" : state.result ? "trained" : "untrained";
  showResult(training ? null : state.result);
  showClasses();
  showBar();
  poll();
}

/** Each class with its number of drawings and the last of them. */
function showClasses() {
  const all = counts();
  $("hand-classes").replaceChildren(...names.map((name, label) => {
    const pick = button("", "", () => { chosen = label; if (!teaching) { begin(); return; } showBar(); toBoard(); });
    pick.append(element("b", { textContent: name }), element("span", { textContent: ` ${all[label]}` }));
    pick.setAttribute("aria-label", `${name}: ${count(all[label], "drawing")}; draw one more`);
    const last = state.labels.map((each, i) => each === label ? i : -1).filter(i => i >= 0).slice(-EACH);
    return element("li", {}, pick, ...last.map(i => images[i] ? thumbnail(images[i]) : ""));
  }));
}
function thumbnail(numbers) {
  const canvas = element("canvas", { width: PIXELS, height: PIXELS });
  const image = new ImageData(PIXELS, PIXELS);
  numbers.forEach((value, i) => image.data.set([255 - value, 255 - value, 255 - value, 255], 4 * i));
  canvas.getContext("2d").putImageData(image, 0, 0);
  canvas.setAttribute("aria-hidden", "true");
  return canvas;
}

/** What the training has changed, in words and as bars. */
function showResult(result) {
  $("hand-result").hidden = !result;
  if (!result || showResult.shown === result.seconds) return;
  showResult.shown = result.seconds;
  const right = p => Math.round(p * result.heldBack), points = 100 * (result.knownBefore - result.knownAfter);
  const gained = result.after - result.before;
  const own = `It learned from ${count(result.trained, "drawing")} in ${result.seconds.toFixed(1)} s. Of the ${count(result.heldBack, "drawing")} held back, which it `
    + `did not learn from, it read ${right(result.before)} before and reads ${right(result.after)} now`
    + (gained > 0 ? "." : gained < 0 ? ": your drawings have not helped this time; more of them may, or go back to the original network."
      : result.before === 1 ? ": it could read your hand already." : ": no difference yet; more drawings may help.");
  const known = `Of ${count(result.validation, "validation image")} of ${result.dataset} it recognized ${share(result.knownBefore)} before and ${share(result.knownAfter)} now: `
    + (points > 0.5 ? `it has forgotten ${points.toFixed(1)} points.` : "it has forgotten next to nothing.") + " A network that sees only new images forgets the old "
    + "ones (catastrophic forgetting). So each batch also rehearsed images of its first training.";
  const bars = element("div", { className: "hand-bars", role: "img" },
    ...bar("your hand, before", result.before, ""), ...bar("now", result.after, "now"),
    ...bar(`${result.dataset}, before`, result.knownBefore, ""), ...bar("now", result.knownAfter, "now"));
  bars.setAttribute("aria-label", `accuracy on your hand: ${share(result.before)} before, ${share(result.after)} now; on ${result.dataset}: `
    + `${share(result.knownBefore)} before, ${share(result.knownAfter)} now`);
  const fixed = result.drawings.filter(([label, before, after]) => before !== label && after === label);
  const learned = fixed.length ? [element("p", { textContent: "Now right: " + fixed.map(([label, before]) => `${names[label]}, which it took for ${names[before]}`).join("; ") + "." })] : [];
  $("hand-result").replaceChildren(element("p", { textContent: own }), bars, element("p", { textContent: known }), ...learned,
    ...result.note ? [element("p", { textContent: result.note })] : []);
  say(own);
}
function bar(name, value, kind) {
  const filled = element("i");
  filled.style.width = `${100 * value}%`;
  return [element("span", { textContent: name }), element("span", { className: `hand-track ${kind}` }, filled), element("span", { textContent: share(value) })];
}
