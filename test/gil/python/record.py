"""Runs a program of the corpus again and again in this Python, and prints what came of it.

    python3 record.py FILE hot|cold|repeat ROUNDS SECONDS INTERVAL

`hot` and `cold` run many copies of the program, each with names of its own: two threads go through them side by side and
call one function each in every copy, so that a thread which is switched away in the middle of a copy is often overtaken
there by the other. A round is one copy. In `hot` all copies have the same code objects, in `cold` each has its own, which
run only once: before the adaptive interpreter has specialized them.

`repeat` lets both threads call their functions again and again in one copy. A round is one call. It says something only of
programs whose functions each add 1 to the one result, whatever that is by then; of others it prints null.

INTERVAL is the switch interval in seconds. After SECONDS of the processor's time it stops, if it has not come to its
ROUNDS before. Prints one JSON object: the rounds; by outcome, in the words of pythonOutcomes, how many came to it, or how
many additions were lost; and the machine's load, as the system's average over the last minute. A dead-lock ends the run.
"""
import ast
import gc
import json
import marshal
import os
import re
import sys
import threading
import time

FEWEST, MOST = 500, 20000  # copies at a time
CHUNK = 1000  # calls between two looks at the clock

path, mode, rounds, interval = sys.argv[1], sys.argv[2], int(sys.argv[3]), float(sys.argv[5])
until = time.process_time() + float(sys.argv[4])
with open(path) as file:
    source = file.read()
names = re.search('# threads: (.*)', source).group(1).split(' ')
results = re.search('# results: (.*)', source).group(1).split(',')
module = compile(source, path, 'exec')
packed = marshal.dumps(module)
answer = compile('(%s,)' % ','.join(results), 'results', 'eval')
progress = [0, 0]


def fresh():
    space = {'__name__': 'prog'}
    exec(marshal.loads(packed) if mode == 'cold' else module, space)
    return space


def resetting():
    """What makes a used copy new, much faster than `fresh`; None where definitions hold state, too."""
    tree = ast.parse(source)
    defining = (ast.FunctionDef, ast.ClassDef, ast.Import, ast.ImportFrom)
    classes = [part for part in tree.body if isinstance(part, ast.ClassDef)]
    if mode == 'cold' or not all(isinstance(part, ast.FunctionDef) for each in classes for part in each.body):
        return None
    tree.body = [part for part in tree.body if not isinstance(part, defining)]
    return compile(tree, path, 'exec')


def together(work):
    """Lets two threads work side by side. Says whether they came to their end: False once neither gets on."""
    gate = threading.Barrier(2)

    def go(which):
        gate.wait()
        work(which)

    threads = [threading.Thread(target=go, args=(which,), daemon=True) for which in (0, 1)]
    for thread in threads:
        thread.start()
    before = None
    for thread in threads:
        thread.join(1)
        while thread.is_alive():
            if before == progress:
                return False
            before = list(progress)
            thread.join(1)
    return True


def raised(name, error):
    trace = error.__traceback__
    while trace.tb_next:
        trace = trace.tb_next
    text = ': '.join(filter(None, [type(error).__name__, str(error)]))
    return '%s raised %s (line %d)' % (name, text, trace.tb_lineno)


def go_through(spaces):
    """One batch. Says what was raised, by thread and copy; None when it dead-locked."""
    errors = [{}, {}]
    functions = [[space[name] for space in spaces] for name in names]

    def work(which):
        for at, function in enumerate(functions[which]):
            try:
                function()
            except Exception as error:
                errors[which][at] = raised(names[which], error)
            progress[which] = at

    return errors if together(work) else None


def side_by_side():
    found = {}
    spaces = []
    done, copies = 0, FEWEST
    reset = resetting()
    while done < rounds and time.process_time() < until:
        copies = min(copies, rounds - done)
        if reset is None:
            for space in spaces:
                space.clear()
            spaces = []
            gc.collect()
        del spaces[copies:]
        for space in spaces:
            exec(reset, space)
        while len(spaces) < copies:
            spaces.append(fresh())
        began = time.monotonic()
        errors = go_through(spaces)
        if errors is None:
            found['dead-lock'] = 1
            return {'rounds': done + 1, 'outcomes': found}
        # Both threads are to be switched away some times on their way through all copies.
        copies = min(max(FEWEST, int(4 * interval * len(spaces) / (time.monotonic() - began))), MOST)
        done += len(spaces)
        for at, space in enumerate(spaces):
            values = ', '.join('%s = %r' % pair for pair in zip(results, eval(answer, space)))
            text = ', '.join([values] + [each[at] for each in errors if at in each])
            found[text] = found.get(text, 0) + 1
    return {'rounds': done, 'outcomes': found}


def adds():
    """Whether each function adds 1, again and again, without waiting for the other."""
    said = []

    def ask():
        space = fresh()
        value = eval(answer, space)[0]
        said.append(type(value) is int)
        for name in 10 * names:
            space[name]()
            value += 1
            said.append(value == eval(answer, space)[0])
        said.append('all')

    asking = threading.Thread(target=ask, daemon=True)
    asking.start()
    asking.join(0.5)
    return len(results) == 1 and 'all' in said and all(said)


def repeat():
    threading.excepthook = lambda _: None
    if not adds():
        return None
    space = fresh()
    before = eval(answer, space)[0]
    counts = [0, 0]

    def work(which):
        function = space[names[which]]
        while counts[which] < rounds // 2 and time.process_time() < until:
            for _ in range(CHUNK):
                function()
            counts[which] += CHUNK
            progress[which] = counts[which]

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
