// The board: draws strokes by mouse, finger, pen and keyboard, and shows a photograph; undo and clear. Some browsers falsify what a page
// reads from a canvas, so the ink that is recognized is computed from the strokes.

import { $, say } from "./dom.js";

export const SIDE = 200;  // of the image that is recognized; strokes are stored in these units
const PEN = 17;           // width: in a digit that fills most of the board it becomes MNIST's two to three pixels
const STEP = 8;           // how far a key moves the pen

const canvas = $("canvas");
const screen = canvas.getContext("2d");

let items = [];           // strokes (lists of points) and photographs; undo removes the last one
let pen = null;           // moved by the keyboard: {x, y, stroke}; stroke is null while the pen is up
const drawing = new Map();// from pointer to its stroke
const listeners = [];

/** Calls the listener after each change that has been painted, at most once per frame. */
export function onChange(listener) {
  listeners.push(listener);
}

export const isEmpty = () => items.length === 0;
export const isDrawing = () => drawing.size > 0 || Boolean(pen && pen.stroke);
/** The photograph on the board, {picture, file}, or null. */
export const photo = () => items.length && items[items.length - 1].file ? items[items.length - 1] : null;
/** The strokes on the board, each a list of points {x, y}, 0 to SIDE; none while it shows a photograph. */
export const strokes = () => photo() ? [] : items.filter(item => !item.file);
/** Puts a photograph on the board. */
export function put(picture, file) {
  items.push({ picture, file });
  changed();
}

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

/** The ink of the strokes: SIDE×SIDE bytes, 0 (paper) to 255 (ink), a pixel's share of ink by its distance from the pen's way. */
export function bytes() {
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
let since = 0;            // time of the first change that no listener knows yet
/** Whether a change has not been painted yet. */
export const isChanging = () => frame !== 0;
/** When the board changed since the last call, in milliseconds as performance.now() counts them; 0 if it did not. */
export function changedSince() {
  const start = since;
  since = 0;
  return start;
}
function changed(by) {
  since = since || (by && by.timeStamp) || performance.now();
  document.body.dataset.settled = "false";
  frame = frame || requestAnimationFrame(() => {
    frame = 0;
    paint();
    for (const listener of listeners) listener();
  });
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

export function undo() {
  drawing.clear();
  pen = pen && { ...pen, stroke: null };
  items.pop();
  changed();
}
export function clear() {
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

paint();
