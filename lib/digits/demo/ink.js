// digits.image.Ink, Grid and Shapes in JavaScript, for the page without a server: a drawing becomes an image like MNIST's by the same
// steps, in the same single precision (Math.fround), so that both give the same bytes. Their Javadoc explains the steps.

const BOX = 20, IMAGE = 28;
const PAPER = Math.fround(0.1);
const CORE = 0.5, LINK = Math.fround(0.3), SPECK = 0.03, DOT = 0.3, NEAR = 0.15, TALL = 0.55, GAP = 0.12, EQUAL = 0.8;
const MOST = 20, MOST_PIECES = 100;

/** Images of 28×28 bytes, one for each digit of a drawing of side×side bytes, from left to right; throws if there is no ink. */
export function digitsAsInMnist(bytes, side) {
  const ink = { rows: side, columns: side, values: Float32Array.from(bytes, value => value / 255) };
  const bytesOf = ({ values }) => Uint8Array.from(values, value => Math.round(Math.fround(255 * value)));
  return digits(ink).map(digit => bytesOf(inMnistsForm(digit) ? digit : prepared(digit)));
}

// --- one digit: Ink, Grid --------------------------------------------------------------------------------------------------------

function prepared(ink) {
  return centered(scaled(cropped(ink)));
}

function cropped({ rows, columns, values }) {
  let top = rows, bottom = -1, left = columns, right = -1;
  for (let i = 0; i < values.length; i++) {
    if (!(values[i] > PAPER)) continue;
    const row = Math.floor(i / columns), column = i % columns;
    top = Math.min(top, row);
    bottom = row;
    left = Math.min(left, column);
    right = Math.max(right, column);
  }
  if (bottom < 0) throw noInk();
  return placed({ rows, columns, values }, -top, -left, bottom - top + 1, right - left + 1);
}

const noInk = () => new Error("There is no ink on the paper: draw a digit first.");

/** The ink moved down and right, within a rectangle of this size. */
function placed(ink, down, right, rows, columns) {
  const values = new Float32Array(rows * columns);
  for (let r = Math.max(0, down); r < Math.min(rows, down + ink.rows); r++) {
    for (let c = Math.max(0, right); c < Math.min(columns, right + ink.columns); c++) {
      values[r * columns + c] = ink.values[(r - down) * ink.columns + c - right];
    }
  }
  return { rows, columns, values };
}

function scaled(ink) {
  const scale = BOX / Math.max(ink.rows, ink.columns);
  const size = length => Math.max(1, Math.round(length * scale));
  return transposed(averagedAcross(transposed(averagedAcross(ink, size(ink.columns))), size(ink.rows)));
}

/** Each number is the mean over the columns that it covers; half a column counts half. */
function averagedAcross({ rows, columns, values }, newColumns) {
  const result = new Float32Array(rows * newColumns);
  const step = columns / newColumns;
  for (let c = 0; c < newColumns; c++) {
    const from = c * step, to = Math.min(columns, from + step);
    for (let old = Math.floor(from); old < to; old++) {
      const share = Math.fround((Math.min(to, old + 1) - Math.max(from, old)) / step);
      for (let r = 0; r < rows; r++) result[r * newColumns + c] += Math.fround(share * values[r * columns + old]);
    }
  }
  return { rows, columns: newColumns, values: result };
}

function transposed({ rows, columns, values }) {
  return { rows: columns, columns: rows, values: values.map((_, i) => values[i % rows * columns + Math.floor(i / rows)]) };
}

function centerOfMass({ columns, values }) {
  let mass = 0, row = 0, column = 0;
  for (let i = 0; i < values.length; i++) {
    mass += values[i];
    row += values[i] * Math.floor(i / columns);
    column += values[i] * (i % columns);
  }
  return [row / mass, column / mass];
}

function centered(ink) {
  const [row, column] = centerOfMass(ink);
  if (Number.isNaN(row)) throw noInk();
  const offset = (center, length) => Math.max(0, Math.min(IMAGE - length, Math.round(IMAGE / 2 - center)));
  return placed(ink, offset(row, ink.rows), offset(column, ink.columns), IMAGE, IMAGE);
}

/** Whether this could be one of MNIST's own images: 28×28, within 20×20, and centered by mass. */
function inMnistsForm(ink) {
  if (ink.rows !== IMAGE || ink.columns !== IMAGE || !ink.values.some(value => value > PAPER)) return false;
  const box = cropped(ink), longer = Math.max(box.rows, box.columns);
  return longer <= BOX && longer >= BOX - 2 && centerOfMass(ink).every(center => Math.abs(center - IMAGE / 2) <= 1);
}

// --- several digits: Shapes ------------------------------------------------------------------------------------------------------

/** The digits of a number, from left to right, each without stray dots. */
function digits(ink) {
  const all = pieces(ink), found = divided(all, ink.columns);
  const pixels = list => list.reduce((sum, piece) => sum + piece.pixels.length, 0);
  // whole as it is, with strokes that are too faint to be told from soft edges
  if (found.length === 0 || found.length === 1 && pixels(found) === pixels(all)) return [ink];
  return found.map(piece => inkOf(ink, piece));
}

const height = piece => piece.bottom - piece.top + 1;
const width = piece => piece.right - piece.left + 1;
const length = piece => Math.max(height(piece), width(piece));
/** The empty columns between two pieces; negative if they overlap. */
const gap = (one, other) => Math.max(one.left, other.left) - Math.min(one.right, other.right) - 1;
/** The empty rows between two pieces; negative if they overlap. */
const rise = (one, other) => Math.max(one.top, other.top) - Math.min(one.bottom, other.bottom) - 1;
const joined = (one, other) => ({
  pixels: [...one.pixels, ...other.pixels], mass: one.mass + other.mass,
  top: Math.min(one.top, other.top), left: Math.min(one.left, other.left),
  bottom: Math.max(one.bottom, other.bottom), right: Math.max(one.right, other.right),
});

function pieces({ rows, columns, values }) {
  const taken = new Uint8Array(values.length), found = [];
  for (let start = 0; start < values.length; start++) {
    if (!taken[start] && values[start] >= CORE) found.push(piece(rows, columns, values, start, taken));
  }
  return found;
}

/** The piece that a pixel belongs to; marks its pixels as taken. */
function piece(rows, columns, values, start, taken) {
  const first = { row: Math.floor(start / columns), column: start % columns };
  const found = { pixels: [start], mass: 0, top: first.row, left: first.column, bottom: first.row, right: first.column };
  taken[start] = 1;
  for (const pixel of found.pixels) {   // which grows meanwhile
    const row = Math.floor(pixel / columns), column = pixel % columns, value = values[pixel];
    found.mass += value;
    if (value > PAPER) {
      found.top = Math.min(found.top, row);
      found.left = Math.min(found.left, column);
      found.bottom = Math.max(found.bottom, row);
      found.right = Math.max(found.right, column);
    }
    for (let r = Math.max(0, row - 1); r <= Math.min(rows - 1, row + 1); r++) {
      for (let c = Math.max(0, column - 1); c <= Math.min(columns - 1, column + 1); c++) {
        const at = r * columns + c, next = values[at];
        // the soft edges of a stroke belong to it
        if (taken[at] || next <= 0 || next < LINK && next >= value) continue;
        taken[at] = 1;
        found.pixels.push(at);
      }
    }
  }
  return found;
}

function divided(all, columns) {
  let rest = withoutDots(all);
  const tallest = () => rest.reduce((most, piece) => Math.max(most, height(piece)), 0);
  for (let merged = true; merged;) {
    merged = false;
    const most = tallest();
    for (let i = 0; i < rest.length && !merged; i++) {
      for (let j = i + 1; j < rest.length && !merged; j++) {
        if (!areOne(rest[i], rest[j], most, columns)) continue;
        rest[i] = joined(rest[i], rest.splice(j, 1)[0]);
        merged = true;
      }
    }
  }
  const most = tallest();
  rest = rest.filter(piece => length(piece) >= TALL * most);   // without a stroke far from every digit
  if (rest.length > MOST) {
    throw new Error(`I see ${rest.length} shapes in the picture; at most ${MOST} digits are read. Show one digit or one number only.`);
  }
  rest.sort((one, other) => one.left - other.left);
  const inOrder = [];
  while (rest.length) {   // the topmost row first
    const lowest = rest.reduce((least, piece) => Math.min(least, piece.bottom), Infinity);
    inOrder.push(...rest.filter(piece => piece.top <= lowest));
    rest = rest.filter(piece => piece.top > lowest);
  }
  return inOrder;
}

function withoutDots(all) {
  const kept = [...all].sort((one, other) => other.mass - one.mass).slice(0, MOST_PIECES);
  if (!kept.length) return kept;
  const most = length(kept[0]);
  const inked = kept.filter(piece => piece.mass >= SPECK * kept[0].mass);
  const strokes = inked.filter(piece => length(piece) >= DOT * most);
  const near = (piece, stroke) => Math.hypot(Math.max(0, gap(piece, stroke)), Math.max(0, rise(piece, stroke))) < NEAR * most;
  return inked.filter(piece => length(piece) >= DOT * most || strokes.some(stroke => near(piece, stroke)));
}

/** Whether two pieces are strokes of one digit. */
function areOne(one, other, tallest, columns) {
  const across = gap(one, other), down = rise(one, other);
  const shorter = Math.min(height(one), height(other)), narrower = Math.min(width(one), width(other));
  if (down > 0) {   // one above the other
    return across < NEAR * tallest && down < (shorter < TALL * tallest ? 0.25 * tallest : GAP * height(joined(one, other)));
  }
  // slanted digits may overlap a little, but keep their distance in each row; halves of a 0 do not
  if (shorter >= EQUAL * tallest && -down >= 0.75 * shorter) {
    return -across > 0.5 * narrower || across < 0 && distance(one, other, columns) < GAP * tallest;
  }
  return across <= 0 || across < GAP * tallest || shorter < TALL * tallest && across < 2 * GAP * tallest;
}

/** The least number of columns between two pieces in a row that both have. */
function distance(one, other, columns) {
  const top = Math.max(one.top, other.top), rows = Math.min(one.bottom, other.bottom) - top + 1;
  const rightmost = new Int32Array(rows).fill(-1), leftmost = new Int32Array(rows).fill(columns);
  const [first, second] = one.left + one.right < other.left + other.right ? [one, other] : [other, one];
  for (const pixel of first.pixels) {
    const row = Math.floor(pixel / columns) - top;
    if (row >= 0 && row < rows) rightmost[row] = Math.max(rightmost[row], pixel % columns);
  }
  for (const pixel of second.pixels) {
    const row = Math.floor(pixel / columns) - top;
    if (row >= 0 && row < rows) leftmost[row] = Math.min(leftmost[row], pixel % columns);
  }
  let least = columns;
  for (let r = 0; r < rows; r++) if (rightmost[r] >= 0 && leftmost[r] < columns) least = Math.min(least, leftmost[r] - rightmost[r] - 1);
  return least;
}

/** The ink of one piece, cropped to its rectangle. */
function inkOf(all, piece) {
  const rows = height(piece), columns = width(piece), values = new Float32Array(rows * columns);
  for (const pixel of piece.pixels) {
    const row = Math.floor(pixel / all.columns) - piece.top, column = pixel % all.columns - piece.left;
    if (row < 0 || column < 0 || row >= rows || column >= columns) continue;   // faint edges
    values[row * columns + column] = all.values[pixel];
  }
  return { rows, columns, values };
}
