// When scripts of desk and step pages begin. Those pages work without script and do not
// wait for it, so it may come before the end of the page.

// parsed is kept once all of the page is there.
export const parsed = document.readyState === 'loading' ? new Promise((go) => { document.addEventListener('DOMContentLoaded', go); }) : Promise.resolve();

// rest waits until the browser has nothing else to do: whoever has just opened the page
// comes first.
export function rest() {
  return new Promise((done) => {
    if (window.requestIdleCallback) requestIdleCallback(done, { timeout: 2000 });
    else setTimeout(done, 500);
  });
}
