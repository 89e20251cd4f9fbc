// Draws strokes, sends them as an image of 200×200 bytes after each change, and shows the prediction. Every address is relative, so the
// page also works behind a hub's proxy. Some browsers falsify what a page reads from a canvas; so nothing that is sent is read from one,
// except photographs in formats that only the browser can read.
"use strict";

const SIDE = 200;         // of the image that is sent; strokes are stored in these units
const PEN = 17;           // width: in a digit that fills most of the board it becomes MNIST's two to three pixels
const PIXELS = 28;
const STEP = 8;           // how far a key moves the pen
const PHOTO = 1600;       // longer side of a photograph that the browser converts
const LARGEST = 12e6;     // bytes of a photograph that the server reads
const READ = ["image/png", "image/jpeg", "image/gif", "image/bmp"];   // the formats that it reads

const $ = id => document.getElementById(id);
const canvas = $("canvas");
const screen = canvas.getContext("2d");
const seen = $("seen").getContext("2d");

let items = [];           // strokes (lists of points) and photographs; undo removes the last one
let said = null;          // the last response, for what is on the board now: one prediction for each digit
let prediction = null;    // the one of them that is shown
let looked = null;        // {of, kind, numbers}: saliency or Grad-CAM of that prediction
let pen = null;           // moved by the keyboard: {x, y, stroke}; stroke is null while the pen is up
const drawing = new Map();// from pointer to its stroke

// --- the board -------------------------------------------------------------------------------------------------------------------

const photo = () => items.length && items[items.length - 1].file ? items[items.length - 1] : null;
const strokes = () => photo() ? [] : items.filter(item => !item.file);

/** The points of a stroke with the corners at the mouse's points rounded: quadratic curves from midpoint to midpoint. */
function rounded(points) {
  const line = [points[0]];
  for (let i = 1; i < points.length - 1; i++) {
    const from = line[line.length - 1], by = points[i], next = points[i + 1];
    const to = { x: (by.x + next.x) / 2, y: (by.y + next.y) / 2 };
    const steps = Math.min(12, 1 + Math.ceil(Math.hypot(to.x - from.x, to.y - from.y) / 2));
    for (let k = 1; k <= steps; k++) {
      const t = k / steps, a = (1 - t) * (1 - t), b = 2 * t * (1 - t), c = t * t;
      line.push({ x: a * from.x + b * by.x + c * to.x, y: a * from.y + b * by.y + c * to.y });
    }
  }
  line.push(points[points.length - 1]);
  return line;
}

function trace(context, points) {
  context.lineWidth = PEN;
  context.lineCap = context.lineJoin = "round";
  context.beginPath();
  context.moveTo(points[0].x, points[0].y + (points.length === 1 ? 0.01 : 0));   // browsers may not draw a line without length
  for (const { x, y } of rounded(points)) context.lineTo(x, y);
  context.stroke();
}

/** The strokes as the server gets them: 0 (paper) to 255 (ink), a pixel's share of ink by its distance from the pen's way. */
function bytes() {
  const gray = new Uint8Array(SIDE * SIDE);
  for (const stroke of strokes()) {
    const line = rounded(stroke);
    for (let i = 1; i < line.length; i++) segment(gray, line[i - 1], line[i]);
  }
  return gray;
}
function segment(gray, from, to) {
  const reach = PEN / 2 + 1, dx = to.x - from.x, dy = to.y - from.y, length = dx * dx + dy * dy;
  const low = value => Math.max(0, Math.floor(value - reach)), high = value => Math.min(SIDE, Math.ceil(value + reach));
  for (let y = low(Math.min(from.y, to.y)); y < high(Math.max(from.y, to.y)); y++) {
    for (let x = low(Math.min(from.x, to.x)); x < high(Math.max(from.x, to.x)); x++) {
      const px = x + 0.5 - from.x, py = y + 0.5 - from.y;
      const along = length ? Math.max(0, Math.min(1, (px * dx + py * dy) / length)) : 0;
      const share = PEN / 2 + 0.5 - Math.hypot(px - along * dx, py - along * dy);
      const value = Math.round(255 * Math.max(0, Math.min(1, share)));
      if (value > gray[y * SIDE + x]) gray[y * SIDE + x] = value;
    }
  }
}

function paint() {
  const size = Math.max(1, Math.round(canvas.clientWidth * devicePixelRatio));
  if (canvas.width !== size || canvas.height !== size) canvas.width = canvas.height = size;
  screen.setTransform(size / SIDE, 0, 0, size / SIDE, 0, 0);
  screen.fillStyle = "#fff";
  screen.fillRect(0, 0, SIDE, SIDE);
  screen.strokeStyle = "#1f2328";
  const shown = photo();
  if (shown && shown.picture) {
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
canvas.addEventListener("focus", paint);   // shows or hides the keyboard's pen
canvas.addEventListener("blur", paint);
new ResizeObserver(() => paint()).observe(canvas);

// --- photographs -----------------------------------------------------------------------------------------------------------------

$("choose").addEventListener("click", () => $("file").click());
$("file").addEventListener("change", () => { if ($("file").files[0]) take($("file").files[0]); $("file").value = ""; });
const board = $("board");
for (const kind of ["dragenter", "dragover"]) board.addEventListener(kind, event => { event.preventDefault(); board.classList.add("over"); });
for (const kind of ["dragleave", "drop"]) board.addEventListener(kind, () => board.classList.remove("over"));
for (const kind of ["dragover", "drop"]) document.addEventListener(kind, event => event.preventDefault());   // a drop beside the board must not leave the page
board.addEventListener("drop", event => { if (event.dataTransfer.files[0]) take(event.dataTransfer.files[0]); });

/** A photograph goes to the server as it is, if the server can read it; otherwise the browser converts it to PNG. */
async function take(file) {
  document.body.dataset.settled = "false";
  try {
    const bitmap = await createImageBitmap(file).catch(() => null);
    const picture = bitmap && smaller(bitmap);
    if (bitmap) bitmap.close();
    let sent = file;
    if (picture && !(READ.includes(file.type) && file.size <= LARGEST)) {
      if (!canvasIsTrue()) {
        throw new Error("This browser falsifies what a page reads from a canvas, to protect you from being recognized, so it cannot convert "
          + "this photograph: choose a PNG or JPEG file of at most 12 MB, or allow this page to read its canvas.");
      }
      sent = await new Promise(done => picture.toBlob(done, "image/png"));
    }
    if (sent.size > LARGEST) throw new Error(`“${file.name}” is larger than 12 MB and not a picture that this browser can read.`);
    items.push({ picture, file: sent });
    changed();
  } catch (problem) {
    trouble(problem.message);
    document.body.dataset.settled = "true";
  }
}
function smaller(bitmap) {
  const scale = Math.min(1, PHOTO / Math.max(bitmap.width, bitmap.height));
  const picture = Object.assign(document.createElement("canvas"),
    { width: Math.max(1, Math.round(bitmap.width * scale)), height: Math.max(1, Math.round(bitmap.height * scale)) });
  picture.getContext("2d").drawImage(bitmap, 0, 0, picture.width, picture.height);
  return picture;
}
/** Paints a pattern and reads it back: LibreWolf, Tor Browser and Brave return noise or white instead. */
function canvasIsTrue() {
  const pattern = Object.assign(document.createElement("canvas"), { width: 32, height: 32 }).getContext("2d");
  const color = i => [17 * i % 256, 29 * i % 256, 43 * i % 256];
  for (let i = 0; i < 1024; i++) {
    pattern.fillStyle = `rgb(${color(i)})`;
    pattern.fillRect(i % 32, Math.floor(i / 32), 1, 1);
  }
  const read = pattern.getImageData(0, 0, 32, 32).data;
  for (let i = 0; i < 1024; i++) if (color(i).some((value, c) => read[4 * i + c] !== value)) return false;
  return true;
}

// --- requests and responses ------------------------------------------------------------------------------------------------------

async function post(path, type, body) {
  let response;
  try {
    response = await fetch(path, { method: "POST", headers: { "Content-Type": type }, body });
  } catch (problem) {
    throw new Error("The network no longer responds: has the notebook's kernel stopped? Run the cell again.");
  }
  const content = await response.json().catch(() => ({}));
  if (!response.ok) throw new Error(content.error || `The server returned status ${response.status}.`);
  return content;
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
        const response = await (shown ? post("picture", "application/octet-stream", shown.file) : post("drawing", "application/octet-stream", bytes()));
        if (items.length) show(response);
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

/** Shows a response: a prediction, and in `next` those of the digits to the right of the first. */
function show(response) {
  said = response && [response, ...response.next];
  $("digit").textContent = said ? said.map(each => each.digit).join("") : "?";
  $("digit").style.fontSize = said && said.length > 2 ? `${160 / said.length}px` : "";
  const several = said && said.length > 1;
  $("shapes").hidden = !several;
  $("shapes").replaceChildren(...several ? [`I see ${COUNTS[said.length] || said.length} shapes. Show: `, ...said.map((each, i) => {
    const button = Object.assign(document.createElement("button"), { type: "button", textContent: each.digit });
    button.addEventListener("click", () => choose(i));
    return button;
  })] : []);
  choose(0);
  clearTimeout(show.later);
  if (said) show.later = setTimeout(() => say(several ? `${said.length} shapes: ${said.map(each => each.digit).join(" ")}`
    : `${response.digit}, ${percent(response.probabilities[response.digit])}; `
    + `runner-up ${response.runnerUp}, ${percent(response.probabilities[response.runnerUp])}`), 700);
}
const COUNTS = [, , "two", "three", "four", "five", "six"];

/** Shows the probabilities and the image of one of the digits. */
function choose(index) {
  prediction = said && said[index];
  const of = prediction;
  document.body.classList.toggle("empty", !of);
  [...$("shapes").children].forEach((button, i) => button.setAttribute("aria-pressed", String(i === index)));
  $("sure").textContent = of ? percent(of.probabilities[of.digit]) : "nothing yet";
  $("second").textContent = of ? `runner-up ${of.runnerUp}, ${percent(of.probabilities[of.runnerUp])}` : "";
  rows.forEach(({ row, track, bar, share }, digit) => {
    const p = of ? of.probabilities[digit] : 0;
    row.className = !of ? "" : digit === of.digit ? "first" : digit === of.runnerUp ? "next" : "";
    track.setAttribute("aria-valuenow", (100 * p).toFixed(1));
    bar.style.transform = `scaleX(${p})`;
    share.textContent = of ? percent(p) : "";
  });
  showSeen();
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

fetch("model").then(response => response.json()).then(model => { $("model").textContent = model.description; }).catch(() => {});
show(null);
paint();
