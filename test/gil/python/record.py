"""Runs a program of the corpus again and again in this Python, and prints what came of it.

    python3 record.py FILE hot|cold|repeat ROUNDS SECONDS INTERVAL

`hot` and `cold` run many copies of the program, each with names of its own: two threads go through them side by side and
call one function each in every copy, so that a thread which is switched away in the middle of a copy is often overtaken
there by the other. A round is one copy. In `hot` all copies have the same code objects, which have run alone before; in
`cold` each has its own, which run only once: before the adaptive interpreter has specialized them.

Making a copy takes far longer than running it, so a batch of copies is kept and made new for each pass: the statements
of the program that give its names their values are executed again, and in `cold` each function gets a new code object.

`repeat` lets both threads call their functions again and again in one copy. A round is one call. It says something only of
programs whose functions each add 1 to the one result, whatever that is by then; of others it prints null.

INTERVAL is the switch interval in seconds. After SECONDS of processor time, or ten times as many by the clock, it
stops, if it has not come to its ROUNDS before. Prints one JSON object: the rounds; by outcome, in the words of
pythonOutcomes, how many came to it, or how many additions were lost; and the machine's load, as the system's average over
the last minute. Two threads that deadlock are left behind, and cost a second.
"""
import ast
import gc
import json
import os
import random
import re
import sys
import threading
import time
from collections import Counter
from itertools import repeat as again
from operator import length_hint
from types import CodeType, FunctionType

COPIES = 10000  # at a time
WARM = 200  # passes through one copy before it counts as hot
CHUNK = 1000  # calls between two looks at the clock
STUCK = 0.5  # seconds in which two threads that are in a deadlock do nothing

path, mode, rounds, interval = sys.argv[1], sys.argv[2], int(sys.argv[3]), float(sys.argv[5])
seconds = float(sys.argv[4])
clock_until = time.monotonic() + 10 * seconds
with open(path) as file:
    source = file.read()
names = re.search('# threads: (.*)', source).group(1).split(' ')
results = re.search('# results: (.*)', source).group(1).split(',')
module = compile(source, path, 'exec')
answer = compile('(%s,)' % ','.join(results), 'results', 'eval')
in_words = compile('%r %% (%s,)' % (', '.join('%s = %%r' % name for name in results), ','.join(results)), 'results', 'eval')


def is_time():
    return time.process_time() < seconds and time.monotonic() < clock_until


def one_copy():
    space = {'__name__': 'prog'}
    exec(module, space)
    return space


def making_new():
    """What makes a used copy new: the program without imports, functions and classes, but with what classes are given."""
    body = []
    for part in ast.parse(source).body:
        if isinstance(part, ast.ClassDef):
            for each in part.body:
                if isinstance(each, ast.Assign):
                    each.targets = [
                        ast.Attribute(ast.Name(part.name, ast.Load()), target.id, ast.Store()) for target in each.targets
                    ]
                    body.append(each)
        elif not isinstance(part, (ast.FunctionDef, ast.Import, ast.ImportFrom)):
            body.append(part)
    tree = ast.Module(body, [])
    return compile(ast.fix_missing_locations(tree), path, 'exec')


def new_code(code):
    """The same code, which has never run."""
    if not any(isinstance(const, CodeType) for const in code.co_consts):
        return code.replace()
    consts = (new_code(const) if isinstance(const, CodeType) else const for const in code.co_consts)
    return code.replace(co_consts=tuple(consts))


def with_nested(code):
    yield code
    for const in code.co_consts:
        if isinstance(const, CodeType):
            yield from with_nested(const)


def refuse_if_specialized(codes):
    """Holds codes against those of the module as it was compiled, none of which has run."""
    if sys.version_info < (3, 11):
        return
    never_run = {(code.co_firstlineno, code.co_name): code for code in with_nested(compile(source, path, 'exec'))}
    for code in (each for outer in codes for each in with_nested(outer)):
        if code._co_code_adaptive != never_run[code.co_firstlineno, code.co_name]._co_code_adaptive:
            raise SystemExit('%s: what new_code makes of %s is not as new' % (path, code.co_name))


def defined(space):
    """The functions that the program defines, also in classes."""
    found = []
    for value in space.values():
        if isinstance(value, FunctionType) and value.__globals__ is space and '<locals>' not in value.__qualname__:
            found.append(value)
        elif isinstance(value, type) and value.__module__ == 'prog':
            for member in vars(value).values():
                parts = (member.fget, member.fset) if isinstance(member, property) else (member,)
                found.extend(part for part in parts if isinstance(part, FunctionType))
    return found


def in_time(work):
    """Lets a thread work for some seconds at most. Returns whether it came to its end."""
    thread = threading.Thread(target=work, daemon=True)
    thread.start()
    thread.join(10)
    return not thread.is_alive()


def used():
    """The processor time that other threads have used, to 100 µs."""
    return round(time.process_time() - time.thread_time(), 4)


def together(work):
    """Lets two threads work side by side. Returns whether they came to their end: False once neither does anything.

    The first to go has the GIL when the second begins to ask for it.
    """
    gate = threading.Lock()
    gate.acquire()

    def go(which):
        gate.acquire() if which else gate.release()
        work(which)

    threads = [threading.Thread(target=go, args=(which,), daemon=True) for which in (1, 0)]
    for thread in threads:
        thread.start()
    before = None
    for thread in threads:
        thread.join(STUCK)
        while thread.is_alive():
            if before == used():
                return False
            before = used()
            thread.join(STUCK)
    return True


def raised(name, error):
    trace = error.__traceback__
    while trace.tb_next:
        trace = trace.tb_next
    text = ': '.join(filter(None, [type(error).__name__, str(error)]))
    return ', %s raised %s (line %d)' % (name, text, trace.tb_lineno)


class Pass:
    """Two threads go through all copies once, and leave in `texts` what came of those that both have left."""

    took = 0  # seconds, by the thread that went first in the previous pass

    def __init__(self, spaces):
        # Either thread goes first in half of the passes.
        self.order = random.sample((0, 1), 2)
        self.functions = [[space[name] for space in spaces] for name in names]
        self.steps = [iter(each) for each in self.functions]
        self.errors = [{}, {}]
        # An interval after the other began to wait for the GIL, it demands it: that is to be while the first goes through the
        # copies, which may take it far less. So the first has other work before.
        self.lead = random.uniform(max(0, interval - Pass.took), interval)
        ended = together(self.work)
        done = len(spaces) if ended else min(len(spaces) - length_hint(each) - 1 for each in self.steps)
        self.texts = list(map(eval, again(in_words, done), spaces))
        for errors in self.errors:
            for at, text in errors.items():
                if at < done:
                    self.texts[at] += text
        #: The copy in which both are held up.
        self.stuck = None if ended else done

    def work(self, which):
        index = self.order[which]
        steps = self.steps[index]
        if which == 0:
            until = time.perf_counter() + self.lead
            while time.perf_counter() < until:
                pass
            began = time.thread_time()
        while True:
            try:
                for function in steps:
                    function()
                break
            except Exception as error:
                at = len(self.functions[index]) - length_hint(steps) - 1
                self.errors[index][at] = raised(names[index], error)
        if which == 0:
            Pass.took = time.thread_time() - began


def warm(space, make_new):
    for _ in range(WARM):
        exec(make_new, space)
        for name in names:
            try:
                space[name]()
            except Exception:
                pass


def side_by_side():
    found = Counter()
    make_new = making_new()
    first = one_copy()
    if not in_time(lambda: warm(first, make_new)):
        raise SystemExit('%s: its functions do not return one after the other' % path)
    codes = [each.__code__ for each in defined(first)]
    if mode == 'cold':
        refuse_if_specialized(map(new_code, codes))
    spaces, slots = [], []
    done = 0
    while done < rounds and is_time():
        copies = min(COPIES, rounds - done)
        while len(spaces) < copies:
            spaces.append(one_copy())
            slots.append(defined(spaces[-1]))
        del spaces[copies:], slots[copies:]
        if mode == 'cold':
            for at, code in enumerate(codes):
                for functions in slots:
                    functions[at].__code__ = new_code(code)
        for space in spaces:
            exec(make_new, space)
        gone = Pass(spaces)
        done += len(gone.texts)
        found.update(gone.texts)
        if gone.stuck is not None:
            found['deadlock'] += 1
            done += 1
            del spaces[gone.stuck], slots[gone.stuck]
    return {'rounds': done, 'outcomes': found}


def adds():
    """Whether each function adds 1, again and again, without waiting for the other."""
    said = []

    def ask():
        space = one_copy()
        value = eval(answer, space)[0]
        said.append(type(value) is int)
        for name in 10 * names:
            space[name]()
            value += 1
            said.append(value == eval(answer, space)[0])

    return len(results) == 1 and in_time(ask) and all(said)


def repeat():
    threading.excepthook = lambda _: None
    if not adds():
        return None
    space = one_copy()
    before = eval(answer, space)[0]
    counts = [0, 0]

    def work(which):
        function = space[names[which]]
        while counts[which] < rounds // 2 and is_time():
            for _ in range(CHUNK):
                function()
            counts[which] += CHUNK

    if not together(work):
        return None
    return {'rounds': sum(counts), 'lost': before + sum(counts) - eval(answer, space)[0]}


sys.setswitchinterval(interval)
gc.disable()
gc.freeze()
row = repeat() if mode == 'repeat' else side_by_side()
if row is not None:
    row['load'] = round(os.getloadavg()[0], 1)
print(json.dumps(row), flush=True)
os._exit(0)
