// Predictions from the server that serves the page: digits.demo.Server.

import { teach } from "./hand.js";
import { start } from "./page.js";

const BEHIND = 40;        // milliseconds: the next prediction is more urgent than 100 KB for the layers of this one

async function ask(path, body) {
  let response;
  try {
    response = await fetch(path, body && { method: "POST", headers: { "Content-Type": "application/octet-stream" }, body });
  } catch (problem) {
    throw new Error("The network no longer responds: has the notebook's kernel stopped? Run the cell again.");
  }
  const content = await response.json().catch(() => ({}));
  if (!response.ok) throw new Error(content.error || `The server returned status ${response.status}.`);
  return content;
}

const bytes = text => Uint8Array.from(atob(text), letter => letter.charCodeAt(0));

const model = ask("model");
model.then(({ hand, names }) => hand && teach(ask, names)).catch(() => {});   // start() shows what is wrong
start({
  model,
  drawing: ink => ask("drawing", ink),
  picture: file => ask("picture", file),
  look: (kind, prediction) => ask(`${kind}/${prediction.digit}`, Uint8Array.from(prediction.pixels)),
  async activations(prediction) {
    await new Promise(done => setTimeout(done, BEHIND));
    const layers = await ask("layers", Uint8Array.from(prediction.pixels));
    return layers.map(layer => ({ ...layer, levels: bytes(layer.levels) }));
  },
});
