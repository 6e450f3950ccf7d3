// The service worker. It keeps what pages are made of and what an enrolled device
// walks with, answers from there when there is no network, and sends what waits when
// there is one again. It never keeps a page of a case. The server puts "build"
// and "kept" before it.

import { openDevice } from './device.js';
import { Queue, isCut, post } from './queue.js';
import { cut } from './fragment.js';

const buildCache = `build-${build}`;
const pages = ['/offline', '/offline/walk', '/offline/walk/es'];
const patience = 4000;

self.addEventListener('install', (event) => {
  event.waitUntil(caches.open(buildCache).then((cache) => cache.addAll([...kept, ...pages])).then(() => self.skipWaiting()));
});

self.addEventListener('activate', (event) => {
  event.waitUntil((async () => {
    for (const name of await caches.keys()) if (name.startsWith('build-') && name !== buildCache) await caches.delete(name);
    await self.clients.claim();
  })());
});

self.addEventListener('fetch', (event) => {
  const { request } = event;
  const url = new URL(request.url);
  if (request.method === 'POST' && /^\/(lock\/now|signout)$/.test(url.pathname)) event.waitUntil(forget());
  if (request.method !== 'GET' || url.origin !== location.origin) return;
  if (request.mode === 'navigate') event.respondWith(page(request, url.pathname));
  else if (url.searchParams.has('steps') && url.pathname.startsWith('/shell/fragments/')) event.respondWith(steps(url));
  else if (/^\/(static|shell\/programs|shell\/fragments)\//.test(url.pathname)) event.respondWith(first(request));
});

const find = (what) => caches.match(what, { ignoreVary: true });
const first = async (request) => (await find(request)) || fetch(request);

// steps answers with some steps of what is kept whole.
async function steps({ pathname, searchParams }) {
  const whole = await first(pathname);
  if (!whole.ok) return whole;
  return new Response(cut(await whole.text(), searchParams.get('steps').split(',')), { headers: { 'Content-Type': 'text/html; charset=utf-8' } });
}

// page answers where somebody goes: with the server's page, or with one that is kept.
async function page(request, path) {
  if (pages.includes(path)) return first(path);
  const step = /^\/i\/([^/]+)\/(?:step\/[^/]+|aside)$/.exec(path);
  if (step) {
    const walk = await ownWalk(step[1]);
    if (walk) return walk;
  }
  try {
    return await (path === '/desk' ? soon(request) : fetch(request));
  } catch (failed) {
    const held = await find(step ? '/offline/walk' : '/offline');
    if (held) return held;
    throw failed;
  }
}

// soon waits for the server only as long as somebody at a desk would.
function soon(request) {
  return new Promise((resolve, reject) => {
    setTimeout(() => reject(new Error('slow')), patience);
    fetch(request).then(resolve, reject);
  });
}

// ownWalk is the page of the walk that runs on this device, if it is that one.
async function ownWalk(id) {
  const own = await openDevice(indexedDB).then((device) => device.own()).catch(() => undefined);
  if (!own || own.case !== id || Date.now() >= own.until) return undefined;
  return (await find(`/offline/walk/${own.lang}`)) || find('/offline/walk');
}

// forget drops the view of this device's walk: whoever locks the screen leaves nothing
// on it.
async function forget() {
  const device = await openDevice(indexedDB);
  await device.change({ own: null });
}

self.addEventListener('sync', (event) => {
  if (event.tag === 'letters') event.waitUntil(send());
});

async function send() {
  const device = await openDevice(indexedDB);
  const told = await new Queue({ device, send: post, locks: navigator.locks, isCut }).flush();
  for (const client of await self.clients.matchAll()) client.postMessage({ late: [...told.late], gone: [...told.gone] });
}

// A push says that something changed, and nothing else: the same words are shown for
// all of them, and whoever presses is led to what there is for them.
self.addEventListener('push', (event) => {
  event.waitUntil(self.registration.showNotification('Roundtable: the desk needs you.', { tag: 'alert', renotify: true, requireInteraction: true }));
});

self.addEventListener('notificationclick', (event) => {
  event.notification.close();
  event.waitUntil(self.clients.openWindow('/alert'));
});
