// Predictions computed in the browser, for the page without a server: ONNX Runtime Web with our model. `make page` puts both beside this.

import { SIDE } from "./board.js";
import { digitsAsInMnist } from "./ink.js";
import * as ort from "./ort.js";
import { start } from "./page.js";

const here = name => new URL(name, import.meta.url).href;
ort.env.wasm.numThreads = 1;   // several would need HTTP headers that many web hosts cannot send
ort.env.wasm.wasmPaths = { wasm: here("ort.wasm") };

async function get(name) {
  const response = await fetch(here(name)).catch(() => null);
  if (!response || !response.ok) {
    throw new Error(`${name} cannot be loaded; it belongs beside this page. Reload the page, or build it again with “make page”.`);
  }
  return response;
}

async function load() {
  const model = await (await get("model.onnx")).arrayBuffer();
  const session = await ort.InferenceSession.create(new Uint8Array(model), { executionProviders: ["wasm"] }).catch(problem => {
    throw new Error(`This browser cannot run the network: ${problem.message}`);
  });
  await run(session, new Uint8Array(28 * 28));   // the first pass takes longer: before the first stroke
  return session;
}

/** The network's outputs for an image of 28×28 bytes: the probabilities, then the numbers of each layer that is shown. */
async function run(session, pixels) {
  const image = new ort.Tensor("float32", Float32Array.from(pixels, value => value / 255), [1, 1, 28, 28]);
  const outputs = await session.run({ [session.inputNames[0]]: image });
  return session.outputNames.map(name => outputs[name].data);
}

const loaded = load();
const inside = new WeakMap();   // from prediction to the numbers of its layers

async function predict(pixels) {
  const [probabilities, ...layers] = await run(await loaded, pixels);
  const order = Array.from(probabilities.keys()).sort((one, other) => probabilities[other] - probabilities[one]);
  const prediction = { digit: order[0], runnerUp: order[1], probabilities, pixels, next: [] };
  inside.set(prediction, layers);
  return prediction;
}

/** Numbers as one byte each, as page.js describes it. */
function levels(numbers) {
  let largest = 0;
  for (const number of numbers) largest = Math.max(largest, Math.abs(number));
  return { largest, levels: Uint8Array.from(numbers, number => 128 + (largest && Math.round(127 * number / largest))) };
}

start({
  model: Promise.all([get("model.json").then(response => response.json()), loaded]).then(([model]) => model),
  async drawing(ink) {
    const [first, ...others] = digitsAsInMnist(ink, SIDE);
    const prediction = await predict(first);
    for (const digit of others) prediction.next.push(await predict(digit));
    return prediction;
  },
  activations: async prediction => inside.get(prediction).map(levels),
  without: {
    picture: "Photographs need the server behind the page: start it with “make demo”.",
    look: "“make demo” also shows saliency and Grad-CAM.",
  },
});

// afterwards the page works without a network
loaded.then(() => navigator.serviceWorker?.register(here("worker.js"))).catch(() => {});
