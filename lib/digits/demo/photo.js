// Photographs of digits: chosen or dropped on the board. The server reads them as they are, if it can; otherwise the browser converts them.

import { put } from "./board.js";
import { $, trouble } from "./dom.js";

const LONGER = 1600;      // longer side of a photograph that the browser converts, in pixels
const LARGEST = 12e6;     // bytes of a photograph that the server reads
const READ = ["image/png", "image/jpeg", "image/gif", "image/bmp"];   // the formats that it reads

/** Takes photographs, or says why not. @param refusal a sentence if nothing here can read photographs */
export function takePhotographs(refusal) {
  const board = $("board");
  const chosen = refusal ? () => trouble(refusal) : take;
  $("choose").hidden = $("photographs").hidden = Boolean(refusal);
  $("choose").addEventListener("click", () => $("file").click());
  $("file").addEventListener("change", () => { if ($("file").files[0]) chosen($("file").files[0]); $("file").value = ""; });
  for (const kind of ["dragenter", "dragover"]) board.addEventListener(kind, event => { event.preventDefault(); board.classList.add("over"); });
  for (const kind of ["dragleave", "drop"]) board.addEventListener(kind, () => board.classList.remove("over"));
  // a drop beside the board must not leave the page
  for (const kind of ["dragover", "drop"]) document.addEventListener(kind, event => event.preventDefault());
  board.addEventListener("drop", event => { if (event.dataTransfer.files[0]) chosen(event.dataTransfer.files[0]); });
}

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
    put(picture, sent);
  } catch (problem) {
    trouble(problem.message);
    document.body.dataset.settled = "true";
  }
}
function smaller(bitmap) {
  const scale = Math.min(1, LONGER / Math.max(bitmap.width, bitmap.height));
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
