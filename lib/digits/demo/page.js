// Draws strokes, sends the canvas as 200×200 bytes after each change, and shows the prediction. Every address is relative, so the page
// also works behind a hub's proxy.
"use strict";

const SIDE = 200;         // of the canvas that is sent; strokes are stored in these units
const PEN = 17;           // width: in a digit that fills most of the board it becomes MNIST's two to three pixels
const PIXELS = 28;
const STEP = 8;           // how far a key moves the pen
const PHOTO = 1024;       // longer side of a photograph when it is sent

const $ = id => document.getElementById(id);
const canvas = $("canvas");
const screen = canvas.getContext("2d");
const sheet = Object.assign(document.createElement("canvas"), { width: SIDE, height: SIDE });
const ink = sheet.getContext("2d", { willReadFrequently: true });
const seen = $("seen").getContext("2d");

let items = [];           // strokes (lists of points) and photographs; undo removes the last one
let prediction = null;    // the last one, for what is on the board now
let looked = null;        // {of, kind, numbers}: saliency or Grad-CAM of that prediction
let pen = null;           // moved by the keyboard: {x, y, stroke}; stroke is null while the pen is up
const drawing = new Map();// from pointer to its stroke

// --- the board -------------------------------------------------------------------------------------------------------------------

const photo = () => items.length && items[items.length - 1].picture ? items[items.length - 1] : null;
const strokes = () => photo() ? [] : items.filter(item => !item.picture);

function trace(context, points) {
  if (points.length === 1) {   // browsers may or may not draw a line without length
    context.fillStyle = context.strokeStyle;
    context.beginPath();
    context.arc(points[0].x, points[0].y, PEN / 2, 0, 2 * Math.PI);
    context.fill();
    return;
  }
  context.lineWidth = PEN;
  context.lineCap = context.lineJoin = "round";
  context.beginPath();
  context.moveTo(points[0].x, points[0].y);
  for (let i = 1; i < points.length - 1; i++) {   // round the corners at the mouse's points
    const next = points[i + 1];
    context.quadraticCurveTo(points[i].x, points[i].y, (points[i].x + next.x) / 2, (points[i].y + next.y) / 2);
  }
  const last = points[points.length - 1];
  context.lineTo(last.x, last.y);
  context.stroke();
}

function paint() {
  const size = Math.max(1, Math.round(canvas.clientWidth * devicePixelRatio));
  if (canvas.width !== size || canvas.height !== size) canvas.width = canvas.height = size;
  screen.setTransform(size / SIDE, 0, 0, size / SIDE, 0, 0);
  screen.fillStyle = "#fff";
  screen.fillRect(0, 0, SIDE, SIDE);
  screen.strokeStyle = "#1f2328";
  const shown = photo();
  if (shown) {
    const scale = SIDE / Math.max(shown.picture.width, shown.picture.height);
    const width = shown.picture.width * scale, height = shown.picture.height * scale;
    screen.drawImage(shown.picture, (SIDE - width) / 2, (SIDE - height) / 2, width, height);
  }
  for (const stroke of strokes()) trace(screen, stroke);
  if (pen && document.activeElement === canvas) {
    screen.lineWidth = 1.5;
    screen.strokeStyle = pen.stroke ? "#d55e00" : "#0072b2";
    screen.beginPath();
    screen.arc(pen.x, pen.y, PEN / 2 + 2, 0, 2 * Math.PI);
    screen.stroke();
  }
  $("hint").hidden = items.length > 0 || (pen && document.activeElement === canvas);
  $("undo").disabled = $("clear").disabled = items.length === 0;
}

let frame = 0;
let since = 0;            // time of the first change that no prediction shows yet
function changed(by) {
  since = since || (by && by.timeStamp) || performance.now();
  document.body.dataset.settled = "false";
  frame = frame || requestAnimationFrame(() => { frame = 0; paint(); ask(); });
}

function place(event) {
  const box = canvas.getBoundingClientRect();
  return { x: (event.clientX - box.left) / box.width * SIDE, y: (event.clientY - box.top) / box.height * SIDE };
}

canvas.addEventListener("pointerdown", event => {
  if (event.button !== 0) return;
  canvas.setPointerCapture(event.pointerId);
  pen = null;
  if (photo()) items = [];
  const stroke = [place(event)];
  drawing.set(event.pointerId, stroke);
  items.push(stroke);
  changed(event);
});
canvas.addEventListener("pointermove", event => {
  const stroke = drawing.get(event.pointerId);
  if (!stroke) return;
  const between = event.getCoalescedEvents ? event.getCoalescedEvents() : [];
  for (const each of between.length ? between : [event]) stroke.push(place(each));
  changed(event);
});
for (const end of ["pointerup", "pointercancel", "lostpointercapture"]) canvas.addEventListener(end, event => {
  if (drawing.delete(event.pointerId)) changed(event);
});

function undo() {
  drawing.clear();
  pen = pen && { ...pen, stroke: null };
  items.pop();
  changed();
}
function clear() {
  drawing.clear();
  pen = pen && { ...pen, stroke: null };
  items = [];
  changed();
}
$("undo").addEventListener("click", undo);
$("clear").addEventListener("click", clear);

const ARROWS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
document.addEventListener("keydown", event => {
  if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "z") undo();
  else if (event.ctrlKey || event.metaKey || event.altKey) return;
  else if (event.key === "Delete" || event.key === "Backspace") clear();
  else if (event.target !== canvas) return;
  else if (event.key in ARROWS) move(...ARROWS[event.key], event.shiftKey ? STEP / 4 : STEP);
  else if (event.key === " ") dip();
  else return;
  event.preventDefault();
});
const penAtRest = () => pen || { x: SIDE / 2, y: SIDE / 5, stroke: null };
function move(right, down, step) {
  pen = penAtRest();
  const within = value => Math.max(PEN / 2, Math.min(SIDE - PEN / 2, value));
  pen.x = within(pen.x + right * step);
  pen.y = within(pen.y + down * step);
  if (pen.stroke) pen.stroke.push({ x: pen.x, y: pen.y });
  changed();
}
function dip() {
  pen = penAtRest();
  if (pen.stroke) pen.stroke = null;
  else {
    if (photo()) items = [];
    pen.stroke = [{ x: pen.x, y: pen.y }];
    items.push(pen.stroke);
  }
  say(pen.stroke ? "Pen down" : "Pen up");
  changed();
}
canvas.addEventListener("focus", () => changed());
canvas.addEventListener("blur", () => changed());
new ResizeObserver(() => paint()).observe(canvas);

// --- photographs -----------------------------------------------------------------------------------------------------------------

$("choose").addEventListener("click", () => $("file").click());
$("file").addEventListener("change", () => { if ($("file").files[0]) take($("file").files[0]); $("file").value = ""; });
const board = $("board");
for (const kind of ["dragenter", "dragover"]) board.addEventListener(kind, event => { event.preventDefault(); board.classList.add("over"); });
for (const kind of ["dragleave", "drop"]) board.addEventListener(kind, () => board.classList.remove("over"));
for (const kind of ["dragover", "drop"]) document.addEventListener(kind, event => event.preventDefault());   // a drop beside the board must not leave the page
board.addEventListener("drop", event => { if (event.dataTransfer.files[0]) take(event.dataTransfer.files[0]); });

/** The browser rotates the photograph upright and scales it down; the server gets a PNG. */
async function take(file) {
  document.body.dataset.settled = "false";
  try {
    const bitmap = await createImageBitmap(file);
    const scale = Math.min(1, PHOTO / Math.max(bitmap.width, bitmap.height));
    const picture = Object.assign(document.createElement("canvas"),
      { width: Math.max(1, Math.round(bitmap.width * scale)), height: Math.max(1, Math.round(bitmap.height * scale)) });
    picture.getContext("2d").drawImage(bitmap, 0, 0, picture.width, picture.height);
    bitmap.close();
    const blob = await new Promise(done => picture.toBlob(done, "image/png"));
    items.push({ picture, blob });
    changed();
  } catch (problem) {
    trouble(`“${file.name}” is not a picture that this browser can read.`);
    document.body.dataset.settled = "true";
  }
}

// --- requests and responses ------------------------------------------------------------------------------------------------------

async function post(path, type, body) {
  let response;
  try {
    response = await fetch(path, { method: "POST", headers: { "Content-Type": type }, body });
  } catch (problem) {
    throw new Error("The network no longer responds: has the notebook's kernel stopped? Run the cell again.");
  }
  const said = await response.json().catch(() => ({}));
  if (!response.ok) throw new Error(said.error || `The server returned status ${response.status}.`);
  return said;
}

function bytes() {
  ink.fillStyle = "#000";
  ink.fillRect(0, 0, SIDE, SIDE);
  ink.strokeStyle = "#fff";
  for (const stroke of strokes()) trace(ink, stroke);
  const rgba = ink.getImageData(0, 0, SIDE, SIDE).data;
  const gray = new Uint8Array(SIDE * SIDE);
  for (let i = 0; i < gray.length; i++) gray[i] = rgba[4 * i];
  return gray;
}

let asking = false;
let again = false;
/** Sends one request at a time; changes made meanwhile are sent when the response has arrived. */
async function ask() {
  if (asking) { again = true; return; }
  asking = true;
  do {
    again = false;
    const start = since;
    since = 0;
    try {
      if (items.length === 0) show(null);
      else {
        const shown = photo();
        const said = await (shown ? post("picture", shown.blob.type, shown.blob) : post("drawing", "application/octet-stream", bytes()));
        if (items.length) show(said);
        if (start) performance.measure("stroke-to-bars", { start, end: performance.now() });
        if (performance.getEntriesByName("stroke-to-bars").length > 2000) performance.clearMeasures();
      }
      trouble("");
    } catch (problem) {
      show(null);
      trouble(problem.message);
    }
  } while (again);
  asking = false;
  document.body.dataset.settled = String(!frame);   // for tests that wait until everything drawn has its prediction
}

// --- display ---------------------------------------------------------------------------------------------------------------------

const rows = Array.from({ length: 10 }, (_, digit) => {
  const row = document.createElement("li");
  row.innerHTML = `<span class="name">${digit}</span><span class="track" role="meter" aria-label="probability of ${digit}" `
    + `aria-valuemin="0" aria-valuemax="100" aria-valuenow="0"><span class="bar"></span></span><span class="share"></span>`;
  const [name, track, share] = row.children;
  $("bars").append(row);
  return { row, track, bar: track.firstChild, share };
});

const percent = p => p >= 0.9995 ? "> 99.9 %" : p < 0.0005 ? p > 0 ? "< 0.1 %" : "0 %" : (100 * p).toFixed(1) + " %";

function show(said) {
  prediction = said;
  document.body.classList.toggle("empty", !said);
  $("digit").textContent = said ? said.digit : "?";
  $("sure").textContent = said ? percent(said.probabilities[said.digit]) : "nothing yet";
  $("second").textContent = said ? `runner-up ${said.runnerUp}, ${percent(said.probabilities[said.runnerUp])}` : "";
  rows.forEach(({ row, track, bar, share }, digit) => {
    const p = said ? said.probabilities[digit] : 0;
    row.className = !said ? "" : digit === said.digit ? "first" : digit === said.runnerUp ? "next" : "";
    track.setAttribute("aria-valuenow", (100 * p).toFixed(1));
    bar.style.transform = `scaleX(${p})`;
    share.textContent = said ? percent(p) : "";
  });
  showSeen();
  clearTimeout(show.later);
  if (said) show.later = setTimeout(() => say(`${said.digit}, ${percent(said.probabilities[said.digit])}; `
    + `runner-up ${said.runnerUp}, ${percent(said.probabilities[said.runnerUp])}`), 700);
}

function say(text) {
  $("spoken").textContent = text;
}
function trouble(text) {
  $("trouble").hidden = !text;
  $("trouble").textContent = text;
}

const LEGENDS = {
  pixels: "Cropped to the ink, scaled into 20 × 20, and centered by its mass in 28 × 28, like MNIST’s digits.",
  saliency: "Where more ink would be evidence for (blue) or against (orange) the predicted digit.",
  gradcam: "Where the last convolution found evidence for the predicted digit (yellow to orange).",
};
const how = () => document.querySelector("input[name=look]:checked").value;
for (const input of document.querySelectorAll("input[name=look]")) input.addEventListener("change", showSeen);

async function showSeen() {
  const kind = how();
  $("legend").textContent = LEGENDS[kind];
  const of = prediction;
  $("seen").setAttribute("aria-label", !of ? "The image of 28 by 28 pixels: empty"
    : `The image of 28 by 28 pixels that the network took for a ${of.digit}` + (kind === "pixels" ? "" : `, colored by its ${kind}`));
  if (!of || kind === "pixels") { draw(of, null, kind); return; }
  if (looked && looked.of === of && looked.kind === kind) { draw(of, looked.numbers, kind); return; }
  if (showSeen.busy) { showSeen.again = true; return; }
  showSeen.busy = true;
  try {
    const numbers = await post(`${kind}/${of.digit}`, "application/octet-stream", Uint8Array.from(of.pixels));
    looked = { of, kind, numbers };
    if (prediction && how() === kind) draw(of, numbers, kind);
  } catch (problem) {
    trouble(problem.message);
  }
  showSeen.busy = false;
  if (showSeen.again || prediction !== of || how() !== kind) { showSeen.again = false; showSeen(); }
}

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

fetch("model").then(response => response.json()).then(said => { $("model").textContent = said.description; }).catch(() => {});
show(null);
paint();
