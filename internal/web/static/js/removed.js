// After a photo was removed on this page, the view of the walk that the device keeps is
// told so, and what was written of the photo is gone from there as well.

import { Kept } from './shell.js';
import { openView, sealView } from './own.js';

async function takeOver(list) {
  const kept = await Kept.open();
  await kept.queue.locks.request('roundtable walk', async () => {
    const record = await kept.device.own();
    const view = await openView(record, Date.now());
    if (!view || view.case !== list.dataset.removed) return;
    const ids = new Set(view.events.map((e) => e.id));
    const news = [...list.children].map((item) => item.dataset).filter(({ of, event }) => ids.has(of) && !ids.has(event));
    if (news.length === 0) return;
    for (const { of, event, at } of news) {
      delete view.events.find((e) => e.id === of).text;
      view.events.push({ id: event, kind: 'corrected', at: Number(at), of });
    }
    const own = await sealView(view, record, Date.now());
    await kept.device.change({ own });
    new BroadcastChannel('roundtable walk').postMessage(own.rev);
  });
}

const list = document.querySelector('[data-removed]');
if (list) takeOver(list).catch(() => {}); // it is done when this page is opened again
