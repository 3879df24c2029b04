// What the pages do beside htmx: they copy lines, and keep ages of times current.
'use strict';
(() => {
  async function copy(button) {
    const source = document.getElementById(button.dataset.copy);
    const text = source.textContent;
    try {
      await navigator.clipboard.writeText(text);
    } catch {
      // without HTTPS there is no clipboard: select the lines, for the keyboard
      getSelection().selectAllChildren(source);
      button.textContent = document.execCommand('copy') ? 'Copied' : 'Press Ctrl+C';
      return;
    }
    button.textContent = 'Copied';
  }

  document.addEventListener('click', (event) => {
    const button = event.target.closest('[data-copy]');
    if (button) copy(button);
  });

  const units = [[172800, 86400, 'd'], [3600, 3600, 'h'], [60, 60, 'min'], [0, 1, 's']];

  // as Figures.relative has it
  function relative(seconds) {
    const size = Math.abs(seconds);
    const [, divisor, unit] = units.find(([from]) => size >= from);
    const text = Math.floor(size / divisor).toLocaleString('en') + ' ' + unit;
    return seconds >= 0 ? text + ' ago' : 'in ' + text;
  }

  // ages are told from the gateway's clock: this one may be wrong
  let offset = 0;
  function takeTime() {
    const served = document.querySelector('footer time');
    if (served) offset = Date.parse(served.dateTime) - Date.now();
  }

  function update() {
    for (const time of document.querySelectorAll('time')) {
      const ago = time.querySelector('.ago');
      if (ago) ago.textContent = relative(Math.trunc((Date.now() + offset - Date.parse(time.dateTime)) / 1000));
    }
  }

  // a part of the page that could not ask for itself keeps what it shows
  function tellWhetherCurrent(event) {
    const stale = document.getElementById('stale');
    const status = event.detail.xhr ? event.detail.xhr.status : 0;
    stale.textContent = event.detail.successful
      ? ''
      : 'This page is not current: the gateway ' + (status ? 'answered ' + status : 'did not answer') + '. It asks again.';
  }

  document.addEventListener('htmx:afterRequest', tellWhetherCurrent);
  document.addEventListener('DOMContentLoaded', takeTime);
  document.addEventListener('htmx:afterSettle', update);
  setInterval(update, 5000);
})();
