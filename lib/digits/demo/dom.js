// What every part of the page needs: elements by their ids, a sentence for screen readers, a message about a problem.

export const $ = id => document.getElementById(id);

/** Says a sentence to screen readers. */
export function say(text) {
  $("spoken").textContent = text;
}

/** Shows a message about a problem; an empty one removes it. */
export function trouble(text) {
  $("trouble").hidden = !text;
  $("trouble").textContent = text;
}

/** Makes work that runs once at a time: calls during a run become one more run after it. Calls `done` when no run is left. */
export function oneAtATime(work, done = () => {}) {
  let running = false, again = false;
  return async () => {
    again = true;
    if (running) return;
    running = true;
    try {
      while (again) {
        again = false;
        await work();
      }
    } finally {
      running = false;
      done();
    }
  };
}
