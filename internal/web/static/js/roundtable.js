// What makes pages livelier. Each of them works without it, so nothing here is
// the only way to do anything. No page has script in itself.
(() => {
  'use strict';
  const doc = document, root = doc.documentElement;
  const one = (sel, from = doc) => from.querySelector(sel);
  const all = (sel, from = doc) => [...from.querySelectorAll(sel)];
  const shown = el => el && el.getClientRects().length > 0;
  const words = {
    soon: 'This page locks in a minute. Move or press a key to stay.',
    reach: 'We could not reach the server. Try again.',
  };
  const tell = (el, text) => { if (el) { el.textContent = text; el.hidden = !text; } };
  const post = (url, body, type) => fetch(url, {
    method: 'POST', body, credentials: 'same-origin', redirect: 'error',
    headers: { Accept: 'application/json', 'Content-Type': type || 'application/x-www-form-urlencoded' },
  });
  const valueOf = answer => answer.json().catch(() => ({}));

  // A code that came with the address, from a QR code, goes into its field, and out
  // of the address: it shall not lie in the history.
  const code = one('[data-from-address]');
  if (code && location.hash.length > 1) {
    try { code.value = decodeURIComponent(location.hash.slice(1)).slice(0, 64); } catch { /* typed, then */ }
    history.replaceState(null, '', location.pathname + location.search);
  }

  // Where to begin: at what has to be changed, else where the page says.
  const first = one('#problems') || one('[data-focus]');
  if (first) first.focus();

  // Keys. Dead in fields, with other keys held, when switched off, and while locked.
  const inField = el => el.isContentEditable || /^(input|select|textarea)$/i.test(el.tagName);
  const go = el => { if (!shown(el)) return false; el.click(); return true; };
  // The focus moves after the key's own event, so that the key is not typed there.
  const look = el => { if (!shown(el)) return false; setTimeout(() => el.focus()); return true; };
  const keys = {
    '/': () => look(one('[data-key-search]')),
    '?': () => { location.href = '/keys'; return true; },
    b: () => go(one('[data-key-back]') || one('.up a')),
    c: () => look(one('[data-key-call]') || one('a.btn.call')),
    n: () => go(one('[data-key-note]')),
    p: () => go(one('[data-key-photo]')),
  };
  doc.addEventListener('keydown', e => {
    if (e.defaultPrevented || e.repeat || e.isComposing || e.ctrlKey || e.metaKey || e.altKey) return;
    if (root.dataset.keys === 'off' || doc.body.classList.contains('locked') || inField(e.target)) return;
    const key = e.key.toLowerCase();
    const done = /^[1-9]$/.test(key) ? go(one(`[data-key="${key}"]`)) : keys[key] && keys[key]();
    if (done) e.preventDefault();
  });

  // A form is sent once, however often its button is pressed.
  doc.addEventListener('submit', e => {
    const form = e.target;
    if (e.defaultPrevented || form.method !== 'post') return;
    if (form.dataset.sent) { e.preventDefault(); return; }
    form.dataset.sent = 'yes';
    if (e.submitter) e.submitter.setAttribute('aria-busy', 'true');
    setTimeout(() => rest(form), 10000);
  });
  const rest = form => {
    delete form.dataset.sent;
    all('[aria-busy]', form).forEach(b => b.removeAttribute('aria-busy'));
  };
  addEventListener('pageshow', () => all('form[data-sent]').forEach(rest));

  // Leave this page: nothing is left to see, and it is not gone back to.
  const exit = one('[data-leave]');
  if (exit) {
    const leave = e => {
      if (e) e.preventDefault();
      doc.title = '…';
      doc.body.replaceChildren();
      location.replace(exit.href);
    };
    exit.addEventListener('click', leave);
    let times = [];
    doc.addEventListener('keydown', e => {
      if (e.key !== 'Shift') { times = []; return; }
      if (e.repeat || inField(e.target)) return;
      times = times.filter(t => e.timeStamp - t < 2000).concat(e.timeStamp);
      if (times.length >= 3) leave();
    });
    // A page that the browser kept is not shown again.
    addEventListener('pageshow', e => { if (e.persisted) location.reload(); });
  }

  // The lock over the same page. What was typed stays in it.
  const over = one('#lock-over');
  if (over) {
    const limit = over.dataset.lock * 1000, soon = one('#lock-soon');
    const channel = 'BroadcastChannel' in window ? new BroadcastChannel('stay') : null;
    let seen = Date.now(), told = 0, before = null;
    const locked = () => doc.body.classList.contains('locked');
    const stay = () => {
      const now = Date.now();
      if (locked() || now - seen >= limit) return;
      seen = now;
      tell(soon, '');
      if (now - told < 60000) return;
      told = now;
      if (channel) channel.postMessage('here');
      if (over.dataset.stay) post(over.dataset.stay, '').catch(() => {});
    };
    told = seen;
    if (channel) channel.onmessage = () => { if (!locked()) { seen = Date.now(); tell(soon, ''); } };
    const set = on => {
      doc.body.classList.toggle('locked', on);
      over.hidden = !on;
      for (const el of doc.body.children) if (el !== over) el.inert = on;
    };
    const look = () => {
      const left = limit - (Date.now() - seen);
      if (locked()) return;
      if (left <= 0) {
        before = doc.activeElement;
        set(true);
        tell(soon, '');
        doc.dispatchEvent(new Event('roundtable:lock')); // what is open forgets itself
        post('/lock/now', '').catch(() => {}); // so that only the server opens it again
        one('h2', over).focus();
      } else if (left <= 60000 && soon.hidden) tell(soon, words.soon);
    };
    ['keydown', 'pointerdown', 'pointermove', 'scroll'].forEach(t => addEventListener(t, stay, { passive: true, capture: true }));
    doc.addEventListener('visibilitychange', look);
    setInterval(look, 1000);
    const form = one('form', over), problem = one('#lock-problem');
    form.elements.next.value = location.pathname + location.search;
    form.addEventListener('submit', async e => {
      e.preventDefault();
      try {
        const answer = await post(form.getAttribute('action'), new URLSearchParams(new FormData(form)));
        form.elements.secret.value = '';
        const told = await valueOf(answer);
        if (answer.status === 401) { location.href = '/signin'; return; }
        if (!answer.ok) { tell(problem, told.message || words.reach); form.elements.secret.focus(); return; }
        if (told.location !== form.elements.next.value) { location.href = told.location; return; }
        tell(problem, '');
        seen = Date.now();
        set(false);
        if (before && before.focus) before.focus();
      } catch { tell(problem, words.reach); }
    });
  }

  all('[data-print]').forEach(b => { b.hidden = false; b.addEventListener('click', () => print()); });

  // "More" closes as one expects.
  const more = one('details.more');
  if (more) {
    doc.addEventListener('click', e => { if (!more.contains(e.target)) more.open = false; });
    more.addEventListener('keydown', e => { if (e.key === 'Escape' && more.open) { more.open = false; one('summary', more).focus(); } });
  }
})();
