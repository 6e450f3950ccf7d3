// Runs Lighthouse over pages for lighthouse.go: what to do comes as JSON on standard
// input, what was found goes out as JSON on standard output. It reaches nothing but
// this machine: every other connection that anything in this process wants is refused
// and told.

import { createHash } from 'node:crypto';
import net from 'node:net';
import { text } from 'node:stream/consumers';

const strays = [];
const here = ['', 'localhost', '127.0.0.1', '::1'];
const connect = net.Socket.prototype.connect;
net.Socket.prototype.connect = function (...args) {
  const [first, second] = Array.isArray(args[0]) ? args[0] : args;
  const host = first && typeof first === 'object' ? first.host || '' : typeof second === 'string' ? second : '';
  if (here.includes(host)) return connect.apply(this, args);
  strays.push(host);
  throw new Error(`${host} is not on this machine`);
};

const { default: lighthouse } = await import('lighthouse');
const { port, runs, pages } = JSON.parse(await text(process.stdin));
const categories = ['performance', 'accessibility', 'best-practices'];

// busy says how many times longer work takes than it would if this machine had nothing
// else to do: a small piece of work many times, against the one least disturbed.
function busy() {
  const block = Buffer.alloc(100000);
  const took = [];
  for (let i = 0; i < 300; i++) {
    const at = performance.now();
    createHash('sha256').update(block).digest();
    took.push(performance.now() - at);
  }
  took.sort((a, b) => a - b);
  return took.reduce((sum, one) => sum + one) / took.length / took[took.length / 10];
}

// mobile is Lighthouse's own slow phone and network. It takes how long work took here
// as many times as that phone is slower than this machine, so a machine that is slowed
// down by others already is less often faster.
const mobile = (slowed) => ({
  rttMs: 150, throughputKbps: 1.6 * 1024, requestLatencyMs: 150 * 3.75, downloadThroughputKbps: 1.6 * 1024 * 0.9, uploadThroughputKbps: 750 * 0.9,
  cpuSlowdownMultiplier: Math.max(1, 4 / slowed),
});

// lost tells what took points in a category.
function lost({ categories, audits }) {
  const list = [];
  for (const [name, category] of Object.entries(categories)) {
    for (const { id, weight } of category.auditRefs) {
      const audit = audits[id];
      if (weight === 0 || audit.score === null || audit.score === 1) continue;
      const items = ((audit.details && audit.details.items) || []).slice(0, 3).map((item) => JSON.stringify(item).slice(0, 400));
      list.push([`${name}: ${audit.title} (${id}): ${audit.score}`, audit.displayValue || audit.errorMessage || '', ...items].join(' '));
    }
  }
  return list;
}

const found = [];
for (const { url, cookie } of pages) {
  for (let run = 1; run <= runs; run++) {
    const slowed = busy();
    const options = { port, logLevel: 'silent', onlyCategories: categories, throttling: mobile(slowed), extraHeaders: { Cookie: cookie } };
    const { lhr } = await lighthouse(url, options);
    const requests = lhr.audits['network-requests'].details.items;
    strays.push(...requests.map((r) => r.url).filter((to) => !to.startsWith(`${new URL(url).origin}/`) && !/^(data|blob):/.test(to)));
    const scores = {};
    for (const name of categories) scores[name] = Math.round(100 * (lhr.categories[name].score || 0));
    const failed = lhr.runtimeError ? lhr.runtimeError.message : '';
    found.push({ url, shown: lhr.finalDisplayedUrl, scores, failed, busy: Math.max(slowed, busy()), lost: lost(lhr) });
    if (failed || scores.performance === 100) break;
  }
}
process.stdout.write(JSON.stringify({ found, strays }), () => process.exit(0));
