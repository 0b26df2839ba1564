/** Mutants that no scenario can catch, because they do the same, each with the reason why. */
const STALE =
  'evidence that is left standing is stale, and makes releases notify in vain; none that is needed is missing';
const EITHER_FIRST =
  'readers and writers sleep on gates of their own, and all that is woken is woken before the call returns';
const ANY_START =
  'where the next search begins decides how long it takes; who finds no unused room looks at all cells, wherever it begins';
const BEFORE_STATE = 'nobody reads the one or the other before STATE says that all of it is there';
const SAME_FOR_ALL = 'all who format the region write the same there, and nobody changes it later';
const ONLY_BRIEFLY =
  'who says in the word of the latch meanwhile that it waits has found it free, and so reserved, and sleeps only for a short time';
const NO_LOOKS =
  'no task of the model looks in turns of its event loop, as those of multiprocessing do that await an answer';
const KEEPS_MEMORY = 'beats that are left keep memory in use, which is no matter of interleavings';
const WHOLE_SOON = 'whoever has changed the word meanwhile wakes everybody once it has repaired it, or given that up';
const MANY_TRIES = 'to give way begins with the hundredth try, and lets only others go on, of which one may be dead';
const NO_VIGIL = 'no agent of the model watches over others; the tests of barriers and of the detector are for this';
const NO_MEMORY = 'items of the model name no memory, as those of multiprocessing/memory.test.ts do';

export const equivalent: Readonly<Record<string, string>> = {
  'sync/rlock.js freeForTask: drop | TASK: this.#me | TASK':
    'it takes the slow path of a release, which finds nobody to wake, where it need not',
  'sync/semaphore.js release: drop & ~(BLOCKED | ASYNC): (word + (n << PERMITS_SHIFT)) & ~(BLOCKED | ASYNC)': STALE,
  'sync/semaphore.js release: drop | ASYNC: BLOCKED | ASYNC': STALE,
  'sync/semaphore.js #afterRelease: wake 1 by: wake(member, this.cell + GATE, word, n)':
    'a thread that was woken wakes the next one while it leaves permits behind: all are woken, one after the other',
  'sync/semaphore.js #afterRelease: wake 1 by: wake(member, this.cell + GATE, Atomics.and(this.#words, this.#word, ~RESERVED), n)':
    'a thread that was woken wakes the next one while it leaves permits behind: all are woken, one after the other',
  'sync/semaphore.js releaseBlocking: drop & ~(BLOCKED | ASYNC): (word + PERMIT) & ~(BLOCKED | ASYNC)': STALE,
  'sync/semaphore.js releaseBlocking: drop | ASYNC: BLOCKED | ASYNC': STALE,
  'sync/semaphore.js releaseBlocking: negate: answer === NOT_NOW': MANY_TRIES,
  'sync/mutex.js recoverPass: answer SLEEP for: AGAIN': WHOLE_SOON,
  'sync/rwmutex.js recoverPass: answer SLEEP for: AGAIN': WHOLE_SOON,
  'sync/rwmutex.js releaseRead: negate: answer === NOT_NOW': MANY_TRIES,
  'sync/rwmutex.js : drop | ((me & TASK) === 0 ? 0 : TASK_WRITES): exclusiveWordOf(ownerOf(me)) | ((me & TASK) === 0 ? 0 : TASK_WRITES)':
    'a call that would block for its own agent is refused by the name alone; the bit tells people which of both it is',
  'sync/rwmutex.js wakeAll: swap: wake(member, cell + READ_GATE, READING, Infinity); wake(member, cell + WRITE_GATE, READI…':
    EITHER_FIRST,
  'sync/read-lock.js #readAtOnce: negate: count === MOST_HELD':
    'it takes the slow path, by which it reads again as well',
  'sync/rwmutex.js writePass: drop | STARVING_WRITER: WRITE | STARVING_WRITER':
    'a writer looks again every LAPSE_MS also where another has asked for it, which costs time and changes nothing',
  'sync/rwmutex.js releaseRead: drop | WRITING: STARVING_READER | WRITING': STALE,
  'sync/rwmutex.js afterWrite: swap: const readers = wake(member, cell + READ_GATE, old, Infinity); const writers = wake(memb…':
    EITHER_FIRST,
  'sync/rwmutex.js afterWrite: swap: wake(member, cell + READ_GATE, word, Infinity); wake(member, cell + WRITE_GATE, word >> …':
    EITHER_FIRST,
  'sync/rwmutex.js withdrawWriter: swap: wake(member, cell + READ_GATE, old, Infinity); wake(member, cell + WRITE_GATE, old >> WR…':
    EITHER_FIRST,
  'core/memory/region.js completeFormat: swap: Atomics.compareExchange(words, CAPACITY, 0, words.byteLength); Atomics.compareExchange(w…':
    BEFORE_STATE,
  'core/memory/region.js completeFormat: swap: Atomics.compareExchange(words, NEXT, 0, cellsBehind(agents)); Atomics.compareExchange(wo…':
    BEFORE_STATE,
  'core/memory/region.js completeFormat: overwrite: Atomics.compareExchange(words, GEOMETRY, 0, geometry)':
    SAME_FOR_ALL,
  'core/memory/region.js completeFormat: overwrite: Atomics.compareExchange(words, VERSION, 0, LAYOUT_VERSION)':
    SAME_FOR_ALL,
  'core/memory/region.js completeFormat: overwrite: Atomics.compareExchange(words, STATE, claim, MAGIC)': SAME_FOR_ALL,
  'core/memory/slots.js takeThis: swap: Atomics.store(words, index + CLAIM, claim); Atomics.store(words, index + IDENTITY, rest);':
    'only the agent itself looks for both, and later',
  'core/memory/slots.js takeOutClaims: overwrite: Atomics.compareExchange(words, index + CLAIM, claim, 0)':
    'it takes out whatever is claimed there, and might have come a moment later',
  'core/memory/slots.js eachUnretired: overwrite: Atomics.compareExchange(words, at(agent, RETIRER), me, 0)':
    'nobody takes over from one that lives, so that it finds its own name there',
  'core/memory/sweep.js freeLatch: overwrite: Atomics.compareExchange(words, latch, word, word & WAITER_BITS)':
    'its holder is dead, and whoever has begun to wait for it meanwhile is woken after that',
  'core/memory/wait-list.js thread: swap: Atomics.store(words, link + NEXT, next); Atomics.store(words, next + PREV, link);':
    'after a death only the links forward are followed, and nobody follows any meanwhile',
  'core/memory/cells.js take: overwrite: Atomics.compareExchange(words, NEXT, next, next + (found === 0 ? size : wordsIn(found)))':
    'NEXT may fall back to a cell that is taken; whoever allocates finds its descriptor there, and moves NEXT on again',
  'core/memory/tally.js prepare: negate: tallies.size >= member.mostTallies':
    'when records of what it has none of are put back decides how much room they take; it may be at any time',
  'core/memory/cells.js takeFreed: leave out: Atomics.store(words, SEARCH, at + size);': ANY_START,
  'core/memory/cells.js takeFreed: leave out: Atomics.store(words, SEARCH, at);': ANY_START,
  'core/memory/records.js entitle: wake 1 by: Atomics.notify(words, record + RECORD_GATE)':
    "nobody but the waiter whose it is sleeps on a record's gate",
  'core/memory/records.js partiesThat: negate: Atomics.load(words, record + LINK) === deaths && accept(record)':
    'only the detector of deadlocks asks, whose mutants are those of detector-mutants.long.ts',
  'core/memory/records.js undoRecord: overwrite: Atomics.compareExchange(words, record + OWNER, owner, GONE)':
    'one agent at a time retires another, and whoever guards a list frees only those that are left to it here',
  'core/memory/records.js freeRecord: overwrite: Atomics.compareExchange(words, record + OWNER, owner, GONE)':
    'whoever takes a record out of its list has the lock, and nobody else frees one that was in a list when its owner died',
  'multiprocessing/ring/passes.js togetherPass: leave out: Atomics.compareExchange(words, BELL, 0, 1);':
    'it looks again and again until something is there, where it would sleep',
  'multiprocessing/ring/passes.js togetherPass: answer SLEEP for: AGAIN':
    'the word at which it would sleep is not what it was before the pass, by its own doing, so it does not sleep',
  'multiprocessing/ring/states.js : drop & ~TASK: me & ~TASK':
    'it takes the slow path of a release, which finds nobody to wake, where it need not',
  'multiprocessing/ring/wakes.js freeSlowly: leave out: Atomics.add(words, side + GATE, 1);': ONLY_BRIEFLY,
  'multiprocessing/ring/wakes.js freeSlowly: swap: const bits = Atomics.and(words, side + LATCH_WORD, ~SLEEPERS); // For those that saw the…':
    ONLY_BRIEFLY,
  'multiprocessing/ring/wakes.js freeSlowly: swap: Atomics.add(words, side + GATE, 1); wake(waker, side + GATE, bits & ASYNC, 0);':
    EITHER_FIRST,
  'multiprocessing/ring/wakes.js freeSlowly: wake 1 by: wake(waker, side + GATE, bits & ASYNC, 0)':
    'it wakes an agent besides, which finds nothing, and sleeps again',
  'multiprocessing/ring/wakes.js freeSlowly: wake 1 by: wake(waker, side + GATE, Atomics.and(words, side + LATCH_WORD, ~(RESERVED | SLEEPERS)), …':
    'those that sleep because it was reserved sleep only for a short time',
  'multiprocessing/ring/taken.js finish: overwrite: Atomics.compareExchange(this.#segments.words, at + TAKER, me, DONE_ITEM)':
    'who was taken for dead says it of an item that another has by now, and it is counted once in either way',
  'multiprocessing/ring/producer.js work: negate: ways.length > 0':
    'items of the model carry no ends of pipes, as those of multiprocessing/pipe.test.ts do',
  'multiprocessing/ring/taken.js doneUpTo: negate: taker === DONE_ITEM': NO_MEMORY,
  'multiprocessing/ring/producer.js work: negate: named.length > outer': NO_MEMORY,
  'multiprocessing/ring/producer.js #publish: negate: named.length > outer': NO_MEMORY,
  'multiprocessing/ring/producer.js #goOn: negate: bytes >= largestItem':
    'an item of the model fits into any segment, so nothing comes after the first that has room',
  'sync/barrier.js #enter: negate: this.arena.member.vigil !== undefined': NO_VIGIL,
  'sync/barrier.js #blockForLeavers: negate: this.#entering.block(LEAVE_MS)': NO_VIGIL,
  'sync/barrier.js #blockForLeavers: leave out: putRecord(member, record);': NO_VIGIL,
  'sync/barrier.js #noteActor: negate: this.arena.member.vigil !== undefined': NO_VIGIL,
  'core/wait/async-queue.js wait: negate: began': 'it is told to those who look on, of whom the model has none',
  'core/wait/async-queue.js wait: negate: (waiter.state & SLEPT) !== 0':
    'by it a wait learns how long to look the next time, not what it finds',
  'core/wait/async-queue.js #serve: negate: looked === GOT || looked === OWNER_DIED || looked === LOOKING': NO_LOOKS,
  'core/wait/async-queue.js #advance: negate: this.#head !== undefined': NO_LOOKS,
  'core/memory/pulse.js hasEnded: negate: !urgent || beats <= most - FEW': 'who asks in the model is never too early',
  'core/memory/pulse.js hasEnded: overwrite: Atomics.compareExchange(words, at(agent, DUE), due, (now + wait) | 0)':
    'who asks at the same time as another takes a beat of its own, which costs one',
  'core/memory/pulse.js stop: leave out: Atomics.notify(words, pulseOf(this.agent));': KEEPS_MEMORY,
  'core/memory/pulse.js stop: wake 1 by: Atomics.notify(words, pulseOf(this.agent))': KEEPS_MEMORY,
};
