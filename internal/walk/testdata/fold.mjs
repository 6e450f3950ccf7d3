// Folds walks that a test sends, one a line, with the code that the browser runs,
// and prints how each stands after every event.
import { createInterface } from 'node:readline';

const { Walk } = await import(process.argv[2]);

function view(w) {
  const cells = [...w.cells.values()].filter((c) => c.value !== '').map((c) => [c.field, c.row, c.value]);
  const on = (map) => [...map].filter(([, is]) => is).map(([at]) => at).sort();
  return JSON.stringify([
    w.state.where, w.state.values, w.head, w.over, w.outcome === undefined ? null : w.outcome, w.canGoBack, w.before, w.record,
    w.ways().map((way) => [way.choice, way.unsent]), w.alerts.map((a) => [a.role, a.step, a.by]),
    on(w.ticks), on(w.said), cells, w.entries.filter((e) => e.late).map((e) => e.id),
    w.entries.filter((e) => e.kind === 'observed').map((e) => `${e.id} ${e.sight} ${e.text || ''} ${w.corrected.get(e.id) || 0}`),
    w.entries.filter((e) => ['line', 'charge', 'seen'].includes(e.kind)).map((e) => `${e.kind} ${e.id} ${e.text || ''}${e.line || ''}`),
    w.photos.map((e) => e.id),
  ]);
}

for await (const line of createInterface({ input: process.stdin })) {
  const { program, events } = JSON.parse(line);
  const w = new Walk(program, events[0]);
  const views = [view(w)];
  for (const event of events.slice(1)) {
    try {
      w.apply(event);
      views.push(view(w));
    } catch {
      views.push('refused ' + view(w));
    }
  }
  process.stdout.write(JSON.stringify(views) + '\n');
}
