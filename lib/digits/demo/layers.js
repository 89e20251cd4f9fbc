// The way of an image through the network: the numbers of every layer as pictures, while one draws. Each layer is a button; the chosen one
// is explained below, with one of its maps enlarged: the one that is pointed at, otherwise the strongest.

import { $, oneAtATime } from "./dom.js";

const PAUSE = 3000;       // milliseconds for each layer of a walk
const WIDE = 208;         // width of a layer's picture in pixels, about
const KINDS = {           // short name, name, and what is to be said about a layer; a shape is [rows, columns, maps] or [units]
  input: ["Image", "Image", () => "What the network gets: 28 × 28 numbers from 0 (paper) to 1 (ink)."],
  convolution: ["Conv", "Convolution", ({ shape: [, , filters] }, before) => before[2] === 1
    ? `Each of its ${filters} filters slides over the image and looks for one small pattern, such as an edge. Its feature map shows `
      + "where it found the pattern."
    : `Each of its ${filters} filters looks for a pattern in all ${before[2]} maps before it, so it finds combinations: corners, ends, arcs.`],
  pooling: ["Pool", "Pooling", ({ shape }, before) => "Each small square becomes one number. "
    + `${thousands(size(shape))} of ${thousands(size(before))} numbers remain, and small shifts of the pen matter less.`],
  normalization: ["Norm", "Batch normalization", () => "Each map is shifted and scaled by averages from the training, so that the next layer "
    + "gets numbers of similar size. Orange numbers are negative."],
  dense: ["Dense", "Dense", ({ shape }, before) => `Each of its ${shape[0]} units weighs all ${thousands(size(before))} numbers before it: `
    + "it judges the image as a whole."],
  output: ["Prediction", "Prediction", (_, before) => `The score of each digit weighs all ${thousands(size(before))} numbers before it. `
    + "Softmax turns the scores into probabilities that sum to 100\u00a0%."],
  other: ["Layer", "Layer", ({ shape }) => `${thousands(size(shape))} numbers.`],
};
const size = shape => shape.reduce((product, length) => product * length, 1);
const thousands = number => number.toLocaleString("en-US");

/** How the maps of a layer are laid out: columns of maps, and rows and columns of each. Single units form one map. */
function layout(shape) {
  const beside = count => Math.max(1, Math.round(Math.sqrt(count / 2)));
  if (shape.length === 3) return { rows: shape[0], columns: shape[1], maps: shape[2], beside: beside(shape[2]) };
  const columns = beside(size(shape));
  return { maps: 1, rows: Math.ceil(size(shape) / columns), columns, beside: 1 };
}

/** Colors from level to pixel: 128 is 0, larger levels are positive, smaller ones negative. */
function palette() {
  const dark = matchMedia("(prefers-color-scheme: dark)").matches;
  const zero = dark ? [30, 36, 44] : [236, 240, 244];
  const scales = dark ? [[zero, [0, 114, 178], [86, 180, 233], [236, 248, 255]], [zero, [150, 70, 10], [255, 154, 82], [255, 226, 204]]]
    : [[zero, [86, 180, 233], [0, 114, 178], [0, 36, 74]], [zero, [245, 174, 116], [213, 94, 0], [92, 36, 0]]];
  const colors = new Uint32Array(256);
  for (let level = 0; level < 256; level++) {
    const scale = scales[level < 128 ? 1 : 0];
    const share = 3 * Math.min(1, Math.abs(level - 128) / 127) ** 0.75;   // small numbers are lifted a little
    const at = Math.min(2, Math.floor(share));
    const [r, g, b] = scale[at].map((value, i) => Math.round(value + (share - at) * (scale[at + 1][i] - value)));
    colors[level] = 0xff000000 | b << 16 | g << 8 | r;
  }
  return colors;
}

class Stage {
  constructor(layer, number, before) {
    const [short, name, explain] = KINDS[layer.type] || KINDS.other;
    this.layer = layer;
    this.name = name + number;
    this.text = explain(layer, before);
    this.layout = layout(layer.shape);
    this.pinned = null;     // the map that is shown enlarged; null for the strongest
    this.item = document.createElement("li");
    this.item.className = layer.type;
    this.item.innerHTML = `<button type="button" class="stage" aria-pressed="false"><span class="title"></span><span class="detail"></span>`
      + `<span class="maps"></span><span class="size"></span></button>`;
    this.button = this.item.firstChild;
    const [title, detail, maps, sizes] = this.button.children;
    title.textContent = short + number;
    this.detail = (layer.kind || "").replace(/^(Conv|Dense|BatchNorm) ?/, "");
    detail.textContent = this.detail;
    sizes.textContent = layer.shape.join(" × ");
    this.maps = maps;
  }
}

/** A layer whose numbers are painted. */
class MapsStage extends Stage {
  constructor(layer, number, before) {
    super(layer, number, before);
    const { maps, rows, columns, beside } = this.layout;
    this.scale = Math.max(1, Math.round(WIDE / (beside * columns)));
    this.gap = maps > 1 ? Math.max(2, Math.round(beside * columns * this.scale / 90)) : 0;
    this.canvas = Object.assign(document.createElement("canvas"), {
      width: beside * (columns * this.scale + this.gap) - this.gap,
      height: Math.ceil(maps / beside) * (rows * this.scale + this.gap) - this.gap,
    });
    this.maps.append(this.canvas);
    this.image = new ImageData(this.canvas.width, this.canvas.height);   // transparent between the maps
    this.levels = new Uint8Array(maps * rows * columns).fill(128);
    this.largest = 0;
  }

  take({ levels, largest }) {
    this.levels.fill(128);   // single units may fill their last row in part only
    this.levels.set(levels);
    this.largest = largest;
  }

  paint(colors) {
    const { maps, rows, columns, beside } = this.layout;
    const { width } = this.canvas;
    const pixels = new Uint32Array(this.image.data.buffer);
    for (let map = 0; map < maps; map++) {
      const left = map % beside * (columns * this.scale + this.gap), top = Math.floor(map / beside) * (rows * this.scale + this.gap);
      for (let row = 0; row < rows; row++) {
        const start = (top + row * this.scale) * width + left;
        for (let column = 0, at = start; column < columns; column++, at += this.scale) {
          pixels.fill(colors[this.levels[(map * rows + row) * columns + column]], at, at + this.scale);
        }
        for (let copy = 1; copy < this.scale; copy++) pixels.copyWithin(start + copy * width, start, start + columns * this.scale);
      }
    }
    this.canvas.getContext("2d").putImageData(this.image, 0, 0);
  }

  /** The map under the pointer. */
  mapAt(event) {
    const { maps, rows, columns, beside } = this.layout;
    const box = this.canvas.getBoundingClientRect();
    const scale = Math.min(box.width / this.canvas.width, box.height / this.canvas.height);   // as object-fit: contain does
    const x = (event.clientX - box.left - (box.width - scale * this.canvas.width) / 2) / scale;
    const y = (event.clientY - box.top - (box.height - scale * this.canvas.height) / 2) / scale;
    const column = Math.floor(x / (columns * this.scale + this.gap)), map = column + beside * Math.floor(y / (rows * this.scale + this.gap));
    return x < 0 || y < 0 || column >= beside || map >= maps ? null : map;
  }

  /** The map that is shown enlarged: the one that was chosen, or the one with the most. */
  enlarged() {
    if (this.pinned !== null) return this.pinned;
    const { maps, rows, columns } = this.layout;
    let best = 0, most = -1;
    for (let map = 0; map < maps; map++) {
      let sum = 0;
      for (let i = map * rows * columns; i < (map + 1) * rows * columns; i++) sum += Math.abs(this.levels[i] - 128);
      if (sum > most) [best, most] = [map, sum];
    }
    return best;
  }

  enlarge(colors, canvas) {
    const { maps, rows, columns } = this.layout, map = this.enlarged();
    Object.assign(canvas, { width: columns, height: rows });
    const levels = this.levels.subarray(map * rows * columns, (map + 1) * rows * columns);
    const image = new ImageData(columns, rows);
    new Uint32Array(image.data.buffer).set(Uint32Array.from(levels, level => colors[level]));
    canvas.getContext("2d").putImageData(image, 0, 0);
    if (!this.largest) return "";
    const most = this.largest * (levels.reduce((largest, level) => Math.max(largest, level), 0) - 128) / 127;
    const where = maps > 1 ? `Map ${map + 1} of ${maps}${this.pinned === null ? ", the strongest now" : ""}. ` : "";
    return `${where}Largest number: ${most.toFixed(2)}.`;
  }
}

/** The probabilities as bars, one for each name. */
class OutputStage extends Stage {
  constructor(layer, before, names) {
    super(layer, "", before);
    this.maps.style.gridTemplateRows = `repeat(${names.length}, minmax(0, 1fr))`;
    this.rows = names.map(name => {
      const row = document.createElement("span");
      row.innerHTML = "<b></b><i><i></i></i>";
      row.firstChild.textContent = name;
      this.maps.append(row);
      return row;
    });
  }

  take(prediction) {
    this.rows.forEach((row, digit) => {
      row.className = prediction && prediction.digit === digit ? "first" : "";
      row.lastChild.firstChild.style.transform = `scaleX(${prediction ? prediction.probabilities[digit] : 0})`;
    });
  }
}

/** The section with all layers. */
export class LayersView {
  /** @param layers {type, kind, shape} of each layer between image and output @param activations see page.js @param names of the classes */
  constructor(layers, activations, names) {
    this.activations = activations;
    this.prediction = null;
    this.colors = palette();
    const alike = (layer, among) => among.filter(other => other.type === layer.type).length;
    const number = (layer, i) => alike(layer, layers) > 1 ? ` ${alike(layer, layers.slice(0, i + 1))}` : "";
    const image = { type: "input", shape: [28, 28, 1] };
    this.input = new MapsStage(image, "", []);
    this.hidden = layers.map((layer, i) => new MapsStage(layer, number(layer, i), (layers[i - 1] || image).shape));
    this.output = new OutputStage({ type: "output", kind: "Softmax", shape: [names.length] }, (layers[layers.length - 1] || image).shape, names);
    this.stages = [this.input, ...this.hidden, this.output];
    $("stages").replaceChildren(...this.stages.map(stage => stage.item));
    this.stages.forEach((stage, i) => stage.item.style.setProperty("--at", i));
    this.update = oneAtATime(() => this.compute());
    this.chosen = this.input;
    this.listen();
    this.choose(this.hidden[0] || this.input);
    this.paint();
  }

  listen() {
    for (const stage of this.stages) {
      stage.button.addEventListener("click", event => {
        this.stop();
        stage.pinned = event.detail && stage.mapAt && stage.layout.maps > 1 ? stage.mapAt(event) : null;   // a key chooses no map
        this.choose(stage);
      });
      stage.button.addEventListener("pointermove", event => {
        if (event.pointerType !== "mouse" || !stage.mapAt || stage !== this.chosen || stage.layout.maps === 1) return;
        stage.pinned = stage.mapAt(event);
        this.enlarge();
      });
      stage.button.addEventListener("pointerleave", () => { if (stage === this.chosen) { stage.pinned = null; this.enlarge(); } });
    }
    $("stages").addEventListener("keydown", event => {
      const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
      if (!step) return;
      this.stop();
      const shown = this.shown();
      const next = shown[shown.findIndex(stage => stage.button === document.activeElement) + step];
      if (next) { this.choose(next, true); next.button.focus(); }
      event.preventDefault();
    });
    $("normed").hidden = !this.hidden.some(stage => stage.layer.type === "normalization");
    $("norms").addEventListener("change", () => { $("stages").classList.toggle("all", $("norms").checked); this.paint(); });
    $("walk").addEventListener("click", () => this.walking ? this.stop() : this.walk());
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => { this.colors = palette(); this.paint(); });
    // a section that cannot be seen costs nothing
    new IntersectionObserver(([entry]) => { this.visible = entry.isIntersecting; if (this.visible) this.update(); }).observe($("network"));
  }

  /** The stages that are not switched off. */
  shown() {
    return this.stages.filter(stage => stage.layer.type !== "normalization" || $("norms").checked);
  }

  /** Shows a prediction's way; null for none. */
  show(prediction, drawing) {
    this.prediction = prediction;
    this.drawing = drawing;
    $("stages").dataset.settled = "false";
    this.update();
  }

  async compute() {
    const of = this.prediction;
    if (!this.visible || of === this.computed) return;
    this.computed = of;
    try {
      const numbers = of ? await this.activations(of) : [];
      if (of && this.prediction === null) return;   // cleared meanwhile
      this.input.take(of ? { levels: Uint8Array.from(of.pixels, value => 128 + value * 127 / 255), largest: 1 } : { levels: [], largest: 0 });
      this.hidden.forEach((stage, i) => stage.take(of ? numbers[i] : { levels: [], largest: 0 }));
      this.output.take(of);
      this.paint();
      $("stages").classList.remove("travel");
      if (of && !this.drawing) requestAnimationFrame(() => $("stages").classList.add("travel"));
    } catch (problem) {
      this.computed = undefined;   // the page itself says what is wrong
    }
    $("stages").dataset.settled = String(this.computed === this.prediction);   // for tests
  }

  paint() {
    for (const stage of this.shown()) if (stage !== this.output) stage.paint(this.colors);
    this.enlarge();
  }

  choose(stage, inView) {
    this.chosen = stage;
    for (const each of this.stages) each.button.setAttribute("aria-pressed", String(each === stage));
    $("stage").textContent = stage.name + (stage.detail ? `: ${stage.detail}` : "");
    $("stage-text").textContent = stage.text;
    if (inView) stage.item.scrollIntoView({ block: "nearest", inline: "center" });   // on narrow screens the row of layers scrolls
    this.enlarge();
  }

  enlarge() {
    const maps = this.chosen !== this.output;
    $("lens").hidden = !maps;
    $("stage-map").textContent = maps ? this.chosen.enlarge(this.colors, $("lens")) : "";
  }

  /** Shows one layer after the other; those to come are dimmed. */
  walk() {
    const shown = this.shown();
    let at = 0;
    const step = () => {
      if (at === shown.length) { this.stop(); return; }
      this.choose(shown[at], true);
      this.stages.forEach(stage => stage.item.classList.toggle("later", shown.indexOf(stage) > at));
      at++;
    };
    $("walk").textContent = "Stop";
    this.walking = setInterval(step, PAUSE);
    step();
  }

  stop() {
    clearInterval(this.walking);
    this.walking = null;
    $("walk").textContent = "Walk through";
    for (const stage of this.stages) stage.item.classList.remove("later");
  }
}
