/**
 * The race table's programs: small things that two threads do to one variable, in bytecode for the interpreter and in
 * Python for CPython, and the results observed on CPython.
 */
import { instructions, loopOver } from './interpreter/loop.js';
import { POLICIES, type Policy } from './interpreter/opcodes.js';

/** How many of two threads' additions are lost: none, some, or half. */
export type Loss = 'none' | 'some' | 'half';

/** The least and the most additions that five runs lost. */
export type Range = readonly [least: number, most: number];

/** A program of the race table. Every thread calls its `main(n)`, which adds 1 n times. */
export interface Race {
  /** Its name in commands and data. */
  readonly id: string;
  /** The repeated statement, in Python. */
  readonly title: string;
  /** How many times each of two threads executes it. */
  readonly perThread: number;
  /**
   * @param total how many times it is executed, over all threads
   * @returns the program for the interpreter
   */
  source(total: number): string;
  /** Where the sum is, as `Interpreter.read` takes it. */
  readonly result: string;
  /** The same in Python: definitions, among them `main(n)` and `result()`. */
  readonly python: string;
  /** What is expected under each policy. */
  readonly expected: Readonly<Record<Policy, Loss>>;
  /** Additions lost by CPython 3.11.7, 3.9.18 and, where it differs, 3.10.13 on two cores, of `perThread` for each of two threads. */
  readonly recorded: Readonly<Record<'3.9' | '3.11', Range> & Partial<Record<'3.10', Range>>>;
}

interface Parts {
  readonly title: string;
  readonly declare: (total: number) => string;
  /** The statement's instructions; separated by semicolons. */
  readonly body: string;
  readonly result: string;
  readonly python: { readonly declare: string; readonly body: string; readonly result: string };
  /** For 3.9, 3.10, 3.11, 3.11-cold, 3.12 and free-threaded. */
  readonly expected: readonly [Loss, Loss, Loss, Loss, Loss, Loss];
  readonly recorded: Race['recorded'];
  readonly perThread?: number;
}

const define = (header: string, body: string): string =>
  `def ${header}:\n${instructions(`RESUME; ${body}; RETURN_VALUE`)}`;

const ONE = define('one()', 'LOAD_CONST 1');
const PYTHON_OBJECT = `
class O:
    def __init__(self): self.v = 0
    @property
    def prop(self): return self.v
    @prop.setter
    def prop(self, value): self.v = value
o = O()`;
const NONE: Range = [0, 0];

const indent = (text: string, by: string): string => text.replace(/^/gm, by);

function race(id: string, parts: Parts): Race {
  const { title, declare, body, result, python, recorded, perThread = 1_000_000 } = parts;
  return {
    id,
    title,
    perThread,
    source: (total) => `${declare(total)}\n${loopOver('main(n)', body)}`,
    result,
    python: `${python.declare}
def main(n):
    global counter, x
    for _ in range(n):
${indent(python.body, '        ')}
def result(): return ${python.result}
`,
    expected: Object.fromEntries(POLICIES.map((policy, i) => [policy, parts.expected[i]])) as Record<Policy, Loss>,
    recorded,
  };
}

const COUNTER = { declare: 'counter = 0', result: 'counter' };
const X = { declare: 'x = 0', result: 'x' };
const PYTHON_LOCK = 'x = 0\nimport threading\nguard = threading.Lock()';
const OBJECT = { declare: PYTHON_OBJECT, result: 'o.v' };
const OF_OLD = ['some', 'none', 'none', 'none', 'none', 'some'] as const;
const ALWAYS = ['some', 'some', 'some', 'some', 'some', 'some'] as const;
/** What the interpreter has a specialized instruction for, once code has run several times. */
const SPECIALIZED = ['some', 'some', 'none', 'some', 'none', 'some'] as const;
const NEVER = ['none', 'none', 'none', 'none', 'none', 'none'] as const;

/**
 * The race table's programs, in its order.
 *
 * @example
 * ```ts
 * import { Interpreter, RACES } from 'atomics-sync-free/gil';
 * const race = RACES[0]!;
 * const interpreter = new Interpreter({ source: race.source(10), policy: '3.11' });
 * interpreter.call('main', 10);
 * console.log(race.title, '→', interpreter.read(race.result)); // counter += 1 → 10
 * ```
 */
export const RACES: readonly Race[] = [
  race('global', {
    title: 'counter += 1',
    declare: () => 'global counter = 0',
    body: 'LOAD_GLOBAL counter; LOAD_CONST 1; BINARY_OP +=; STORE_GLOBAL counter',
    result: 'counter',
    python: { ...COUNTER, body: 'counter += 1' },
    expected: OF_OLD,
    recorded: { '3.11': NONE, '3.9': [263_699, 753_684] },
  }),
  race('attribute', {
    title: 'o.v += 1',
    declare: () => 'object o: v = 0',
    body: 'LOAD_GLOBAL o; COPY 1; LOAD_ATTR v; LOAD_CONST 1; BINARY_OP +=; SWAP 2; STORE_ATTR v',
    result: 'o.v',
    python: { ...OBJECT, body: 'o.v += 1' },
    expected: OF_OLD,
    recorded: { '3.11': NONE, '3.9': [263_699, 753_684] },
  }),
  race('item', {
    title: "d['v'] += 1",
    declare: () => 'dict d: v = 0',
    body:
      "LOAD_GLOBAL d; LOAD_CONST 'v'; COPY 2; COPY 2; BINARY_SUBSCR; LOAD_CONST 1; BINARY_OP +=; " +
      'SWAP 3; SWAP 2; STORE_SUBSCR',
    result: 'd.v',
    python: { declare: "d = {'v': 0}", body: "d['v'] += 1", result: "d['v']" },
    expected: OF_OLD,
    recorded: { '3.11': NONE, '3.9': [263_699, 753_684] },
  }),
  race('call', {
    title: 'counter += one()',
    declare: () => `global counter = 0\n${ONE}`,
    body: 'LOAD_GLOBAL counter; LOAD_GLOBAL one; CALL 0; BINARY_OP +=; STORE_GLOBAL counter',
    result: 'counter',
    python: { declare: 'counter = 0\ndef one(): return 1', body: 'counter += one()', result: 'counter' },
    expected: ALWAYS,
    recorded: { '3.11': [291_974, 704_556], '3.9': [514_803, 918_108] },
  }),
  race('c-call', {
    title: "counter += int('1')",
    declare: () => 'global counter = 0',
    body: "LOAD_GLOBAL counter; LOAD_GLOBAL int; LOAD_CONST '1'; CALL 1; BINARY_OP +=; STORE_GLOBAL counter",
    result: 'counter',
    python: { ...COUNTER, body: "counter += int('1')" },
    expected: ALWAYS,
    recorded: { '3.11': [786_969, 922_003], '3.9': [779_679, 910_083] },
  }),
  race('property', {
    title: 'o.prop += 1',
    declare: () =>
      [
        define('get(self)', 'LOAD_FAST self; LOAD_ATTR v'),
        define('set(self, value)', 'LOAD_FAST value; LOAD_FAST self; STORE_ATTR v; LOAD_CONST None'),
        'object o: v = 0, prop = property(get, set)',
      ].join('\n'),
    body: 'LOAD_GLOBAL o; COPY 1; LOAD_ATTR prop; LOAD_CONST 1; BINARY_OP +=; SWAP 2; STORE_ATTR prop',
    result: 'o.v',
    python: { ...OBJECT, body: 'o.prop += 1' },
    expected: ALWAYS,
    recorded: { '3.11': [427_903, 715_516], '3.9': [571_399, 716_242] },
  }),
  race('read-call-write', {
    title: 't = o.v; t = inc(t); o.v = t',
    declare: () => `object o: v = 0\n${define('inc(x)', 'LOAD_FAST x; LOAD_CONST 1; BINARY_OP +')}`,
    body:
      'LOAD_GLOBAL o; LOAD_ATTR v; STORE_FAST t; LOAD_GLOBAL inc; LOAD_FAST t; CALL 1; STORE_FAST t; ' +
      'LOAD_FAST t; LOAD_GLOBAL o; STORE_ATTR v',
    result: 'o.v',
    python: {
      declare: `${PYTHON_OBJECT}\ndef inc(x): return x + 1`,
      body: 't = o.v; t = inc(t); o.v = t',
      result: 'o.v',
    },
    expected: ALWAYS,
    recorded: { '3.11': [423_662, 706_317], '3.9': [554_272, 803_979] },
  }),
  race('read-loop-write', {
    title: 't = o.v; for _ in (1,): pass; o.v = t + 1',
    declare: () => 'object o: v = 0',
    // The machine has no tuples; range(1) is as long.
    body:
      'LOAD_GLOBAL o; LOAD_ATTR v; STORE_FAST t; LOAD_GLOBAL range; LOAD_CONST 1; CALL 1; GET_ITER; inner:; ' +
      'FOR_ITER after; STORE_FAST _; JUMP_BACKWARD inner; after:; ' +
      'LOAD_FAST t; LOAD_CONST 1; BINARY_OP +; LOAD_GLOBAL o; STORE_ATTR v',
    result: 'o.v',
    python: { ...OBJECT, body: 't = o.v\nfor _ in (1,): pass\no.v = t + 1' },
    expected: ALWAYS,
    recorded: { '3.11': [466_015, 757_396], '3.9': [655_425, 905_760] },
  }),
  race('sleep', {
    title: 't = o.v; sleep(0); o.v = t + 1',
    declare: () => 'object o: v = 0',
    body:
      'LOAD_GLOBAL o; LOAD_ATTR v; STORE_FAST t; LOAD_GLOBAL sleep; LOAD_CONST 0; CALL 1; POP_TOP; ' +
      'LOAD_FAST t; LOAD_CONST 1; BINARY_OP +; LOAD_GLOBAL o; STORE_ATTR v',
    result: 'o.v',
    python: {
      declare: `${PYTHON_OBJECT}\nfrom time import sleep`,
      body: 't = o.v; sleep(0); o.v = t + 1',
      result: 'o.v',
    },
    expected: ['half', 'half', 'half', 'half', 'half', 'some'],
    recorded: { '3.11': [20_000, 20_000], '3.9': [17_030, 20_000] },
    perThread: 20_000,
  }),
  race('append', {
    title: 'items.append(1)',
    declare: (total) => `list items[${total}]`,
    body: 'LOAD_GLOBAL items; LOAD_ATTR append; LOAD_CONST 1; CALL 1; POP_TOP',
    result: 'items',
    python: { declare: 'items = []', body: 'items.append(1)', result: 'len(items)' },
    expected: NEVER,
    recorded: { '3.11': NONE, '3.9': NONE },
  }),
  race('assert', {
    title: 't = x; assert t >= 0; x = t + 1',
    declare: () => 'global x = 0',
    body:
      'LOAD_GLOBAL x; STORE_FAST t; LOAD_FAST t; LOAD_CONST 0; COMPARE_OP >=; POP_JUMP_IF_TRUE fine; ' +
      'LOAD_CONST None; RETURN_VALUE; fine:; LOAD_FAST t; LOAD_CONST 1; BINARY_OP +; STORE_GLOBAL x',
    result: 'x',
    python: { ...X, body: 't = x; assert t >= 0; x = t + 1' },
    expected: ['some', 'some', 'none', 'none', 'none', 'some'],
    recorded: { '3.11': NONE, '3.10': [619_041, 878_855], '3.9': [727_224, 934_110] },
  }),
  race('returned', {
    title: 'x = one_more()',
    declare: () => `global x = 0\n${define('one_more()', 'LOAD_GLOBAL x; LOAD_CONST 1; BINARY_OP +')}`,
    body: 'LOAD_GLOBAL one_more; CALL 0; STORE_GLOBAL x',
    result: 'x',
    python: { ...X, declare: 'x = 0\ndef one_more(): return x + 1', body: 'x = one_more()' },
    expected: ['some', 'some', 'none', 'none', 'none', 'some'],
    recorded: { '3.11': NONE, '3.10': [461_305, 771_671], '3.9': [421_434, 659_791] },
  }),
  race('append-between', {
    title: 't = x; l.append(1); x = t + 1',
    declare: (total) => `global x = 0\nlist l[${total}]`,
    body:
      'LOAD_GLOBAL x; STORE_FAST t; LOAD_GLOBAL l; LOAD_ATTR append; LOAD_CONST 1; CALL 1; POP_TOP; ' +
      'LOAD_FAST t; LOAD_CONST 1; BINARY_OP +; STORE_GLOBAL x',
    result: 'x',
    python: { ...X, declare: 'x = 0\nl = []', body: 't = x; l.append(1); x = t + 1' },
    expected: SPECIALIZED,
    recorded: { '3.11': NONE, '3.10': [778_749, 857_491], '3.9': [837_001, 884_430] },
  }),
  race('len-between', {
    title: 't = x; len(l); x = t + 1',
    declare: () => 'global x = 0\nlist l[1]',
    body:
      'LOAD_GLOBAL x; STORE_FAST t; LOAD_GLOBAL len; LOAD_GLOBAL l; CALL 1; POP_TOP; ' +
      'LOAD_FAST t; LOAD_CONST 1; BINARY_OP +; STORE_GLOBAL x',
    result: 'x',
    python: { ...X, declare: 'x = 0\nl = []', body: 't = x; len(l); x = t + 1' },
    expected: SPECIALIZED,
    recorded: { '3.11': NONE, '3.10': [749_096, 864_787], '3.9': [792_678, 984_850] },
  }),
  race('abs-between', {
    title: 't = x; abs(t); x = t + 1',
    declare: () => 'global x = 0',
    body:
      'LOAD_GLOBAL x; STORE_FAST t; LOAD_GLOBAL abs; LOAD_FAST t; CALL 1; POP_TOP; ' +
      'LOAD_FAST t; LOAD_CONST 1; BINARY_OP +; STORE_GLOBAL x',
    result: 'x',
    python: { ...X, body: 't = x; abs(t); x = t + 1' },
    expected: ALWAYS,
    recorded: { '3.11': [469_875, 592_532], '3.10': [554_056, 853_545], '3.9': [731_640, 906_803] },
  }),
  race('acquire-store', {
    title: 't = x; guard.acquire(); x = t + 1; guard.release()',
    declare: () => 'global x = 0\nlock guard',
    body:
      'LOAD_GLOBAL x; STORE_FAST t; LOAD_GLOBAL guard; LOAD_ATTR acquire; CALL 0; POP_TOP; ' +
      'LOAD_FAST t; LOAD_CONST 1; BINARY_OP +; STORE_GLOBAL x; LOAD_GLOBAL guard; LOAD_ATTR release; CALL 0; POP_TOP',
    result: 'x',
    python: { ...X, declare: PYTHON_LOCK, body: 't = x\nguard.acquire()\nx = t + 1\nguard.release()' },
    expected: ALWAYS,
    recorded: { '3.11': [164_286, 200_000], '3.10': [159_591, 200_000], '3.9': [179_785, 200_000] },
    perThread: 200_000,
  }),
  race('with-store', {
    title: 't = x; with guard: x = t + 1',
    declare: () => 'global x = 0\nlock guard',
    body:
      'LOAD_GLOBAL x; STORE_FAST t; LOAD_GLOBAL guard; BEFORE_WITH; POP_TOP; ' +
      'LOAD_FAST t; LOAD_CONST 1; BINARY_OP +; STORE_GLOBAL x; ' +
      'LOAD_CONST None; LOAD_CONST None; LOAD_CONST None; CALL 3; POP_TOP',
    result: 'x',
    python: { ...X, declare: PYTHON_LOCK, body: 't = x\nwith guard: x = t + 1' },
    expected: OF_OLD,
    recorded: { '3.11': NONE, '3.10': NONE, '3.9': [187_168, 196_043] },
    perThread: 200_000,
  }),
  race('next', {
    title: 'next(ticket)',
    declare: () => 'count ticket',
    body: 'LOAD_GLOBAL next; LOAD_GLOBAL ticket; CALL 1; POP_TOP',
    result: 'ticket',
    python: { declare: 'import itertools\nticket = itertools.count()', body: 'next(ticket)', result: 'next(ticket)' },
    expected: NEVER,
    recorded: { '3.11': NONE, '3.9': NONE },
  }),
  race('lock', {
    title: 'counter += one(), under a Lock',
    declare: () => `global counter = 0\nlock guard\n${ONE}`,
    body:
      'LOAD_GLOBAL guard; LOAD_ATTR acquire; CALL 0; POP_TOP; ' +
      'LOAD_GLOBAL counter; LOAD_GLOBAL one; CALL 0; BINARY_OP +=; STORE_GLOBAL counter; ' +
      'LOAD_GLOBAL guard; LOAD_ATTR release; CALL 0; POP_TOP',
    result: 'counter',
    python: {
      declare: 'counter = 0\ndef one(): return 1\nimport threading\nguard = threading.Lock()',
      body: 'guard.acquire()\ncounter += one()\nguard.release()',
      result: 'counter',
    },
    expected: NEVER,
    recorded: { '3.11': NONE, '3.9': NONE },
    perThread: 200_000,
  }),
];
