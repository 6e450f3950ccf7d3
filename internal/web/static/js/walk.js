// A walk in the browser: the Program's one meaning (docs/program.md) and the fold
// of a walk's events, as package walk has them in Go. A test walks thousands of
// random walks in both and compares. No page, no network, no clock is here.

const has = (v, low, high) => ([low, high][v >> 5] >>> (v & 31)) & 1;

const isOpen = (guard, values) => !guard || guard.some((tests) => tests.every(([fact, low, high]) => has(values[fact], low, high)));

const isMove = (kind) => kind === 'chose' || kind === 'went back' || kind === 'ended';

// What of the things that are taken down makes a walk one of a demand.
const demands = ['staff area', 'searching', 'computers', 'taking', 'holding', 'took'];

const records = ['none', 'incident', 'conduct', 'demand', 'abuse'];

// open lists the choices that are open in a state, by number.
export function open(program, state) {
  const step = program.steps[state.where];
  if (!step) return [];
  const all = (step.choices || []).flatMap((choice, n) => (isOpen(choice.if, state.values) ? [n] : []));
  return step.first ? all.slice(0, 1) : all;
}

// next is the state to which a choice leads.
export function next(program, state, n) {
  const choice = program.steps[state.where].choices[n];
  const values = state.values.slice();
  for (const [fact, value] of choice.set || []) values[fact] = value;
  if (choice.end !== undefined) return { where: program.steps.length + choice.end, values };
  return enter(program, { where: choice.to, values });
}

function enter(program, state) {
  for (const fact of program.steps[state.where].makes || []) state.values[fact] = 1;
  return state;
}

// start is the state in which a walk starts. A protected given fact is told to
// nobody, and has its last value.
function start(program, given) {
  const values = program.facts.map((fact) => {
    if (fact.kind !== 'given') return 0;
    return fact.protected ? fact.values.length - 1 : fact.values.indexOf(given[fact.name]);
  });
  return enter(program, { where: 0, values });
}

// Walk folds events. It refuses what cannot follow by throwing an Error whose
// message names the event; the walk is then as it was.
export class Walk {
  constructor(program, started) {
    if (started.kind !== 'started') throw new Error(`${started.id}: a walk begins with its start`);
    this.program = program;
    this.started = started;
    this.entries = [];
    this.ids = new Set();
    this.path = [{ state: start(program, started.given || {}) }];
    this.head = started.id;
    this.record = program.record || 'incident';
    this.closed = false;
    this.left = false;
    this.alerts = [];
    this.ticks = new Map();
    this.said = new Map();
    this.cells = new Map();
    this.corrected = new Map();
    this.keep(started, false);
    this.order(started.id);
  }

  get state() {
    return this.path[this.path.length - 1].state;
  }

  // step is the number of the step at which the walk stands; -1 once it has come
  // to an end.
  get step() {
    return this.state.where < this.program.steps.length ? this.state.where : -1;
  }

  get over() {
    return this.left || this.step < 0;
  }

  get canGoBack() {
    return !this.closed && this.path.length > 1;
  }

  // before is the step to which going back leads.
  get before() {
    return this.path[Math.max(0, this.path.length - 2)].state.where;
  }

  // outcome is the number of the end, -1 if the walk was left, undefined while it
  // goes on.
  get outcome() {
    if (this.left) return -1;
    return this.step < 0 ? this.state.where - this.program.steps.length : undefined;
  }

  // ways lists what can be chosen: {choice, unsent}. choice is -1 where nobody is
  // asked.
  ways() {
    if (this.closed) return [];
    const all = open(this.program, this.state);
    if (all.length === 0) return [];
    const step = this.program.steps[this.state.where];
    const unsent = (n) => Boolean(step.choices[n].offTheRecord);
    return step.swap ? [{ choice: -1, unsent: unsent(all[0]) }] : all.map((n) => ({ choice: n, unsent: unsent(n) }));
  }

  // end is the choice that ended the walk, or undefined.
  end() {
    if (this.step >= 0) return undefined;
    const last = this.path[this.path.length - 1];
    const from = this.path[this.path.length - 2].state;
    const n = last.way < 0 ? open(this.program, from)[0] : last.way;
    return this.program.steps[from.where].choices[n];
  }

  // apply adds an event and reports whether it was a move that came too late. An
  // event that is there already changes nothing.
  apply(event) {
    if (this.ids.has(event.id)) return false;
    if (event.kind === 'started') throw new Error(`${event.id}: the walk has begun already`);
    if (isMove(event.kind)) return this.move(event);
    this.keep(event, false);
    this.fill(event);
    return false;
  }

  keep(event, late) {
    this.ids.add(event.id);
    this.entries.push({ ...event, late });
  }

  fill(event) {
    if (event.kind === 'ticked') this.ticks.set(`${event.step}/${event.item}`, !event.undone);
    if (event.kind === 'said') this.said.set(`${event.step}/${event.item}`, !event.undone);
    if (event.kind === 'recorded') this.put(event.field, event.row || '', event.value);
    if (event.kind === 'pictured' && event.field) this.put(event.field, event.id, event.id);
    if (event.kind === 'observed' && demands.includes(event.sight)) this.raise('demand');
    if (event.kind === 'corrected' && !this.corrected.has(event.of)) this.takeBack(event);
  }

  // takeBack takes something back; a photo goes from its field too.
  takeBack({ of, at }) {
    this.corrected.set(of, at);
    const { kind, field } = this.entries.find((e) => e.id === of) || {};
    if (kind === 'pictured' && field) this.put(field, of, '');
  }

  // photos are those that were taken and not removed.
  get photos() {
    return this.entries.filter((e) => e.kind === 'pictured' && !this.corrected.has(e.id));
  }

  // raise lets the class of the record rise; it never falls.
  raise(to) {
    if (records.indexOf(to) > records.indexOf(this.record)) this.record = to;
  }

  put(field, row, value) {
    this.cells.set(`${field}/${row}`, { field, row, value });
  }

  move(event) {
    if (event.follows !== this.head) {
      this.keep(event, true);
      return true;
    }
    const why = this.impossible(event);
    if (why) throw new Error(`${event.id}: ${why}`);
    if (event.kind === 'chose') this.take(event.choice === undefined ? -1 : event.choice);
    if (event.kind === 'went back') this.path.pop();
    if (event.kind === 'ended') {
      this.closed = true;
      this.left = event.outcome === undefined;
    }
    this.head = event.id;
    this.keep(event, false);
    if (event.kind === 'chose') this.order(event.id);
    return false;
  }

  impossible(event) {
    if (this.closed) return 'the walk is over';
    if (event.kind === 'ended') {
      if (this.step >= 0) return event.outcome === undefined && event.step === this.step ? '' : 'the walk has not come to that end';
      return event.outcome === this.outcome ? '' : 'the walk has ended otherwise';
    }
    if (event.kind === 'went back') return this.path.length > 1 && event.step === this.before ? '' : 'going back does not lead there';
    const choice = event.choice === undefined ? -1 : event.choice;
    if (event.step !== this.step) return 'the walk stands at another step';
    return this.ways().some((way) => way.choice === choice && !way.unsent) ? '' : 'this choice is not offered here now';
  }

  take(way) {
    const from = this.state;
    const n = way < 0 ? open(this.program, from)[0] : way;
    this.raise(this.program.steps[from.where].choices[n].raise);
    this.path.push({ state: next(this.program, from, n), way });
  }

  // order orders the alerts of the step at which the walk stands now: one for each
  // role and step, however often the walk comes by.
  order(by) {
    const step = this.program.steps[this.state.where];
    if (!step) return;
    for (const n of step.makes || []) {
      const fact = this.program.facts[n];
      const at = this.state.where;
      if (fact.kind === 'notified' && !this.alerts.some((a) => a.role === fact.name && a.step === at)) {
        this.alerts.push({ role: fact.name, step: at, by });
      }
    }
  }
}
