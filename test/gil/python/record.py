"""Runs a program of the corpus again and again in this Python, and prints what came of it.

    python3 record.py FILE SECONDS hot|cold INTERVAL

Each batch has many copies of the program, each with names of its own. Two threads go through them side by side and call
one function each in every copy: a thread that is switched away in the middle of a copy is often overtaken by the other.
In `hot` all copies have the same code objects, in `cold` each has its own, which run only once: before the adaptive
interpreter has specialized them. INTERVAL is the switch interval, in seconds. Prints one JSON object: how often there was
which outcome, in the words of pythonOutcomes. A dead-lock ends the run.
"""
import json
import marshal
import os
import re
import sys
import threading
import time

COPIES = 500
path, seconds, heat, interval = sys.argv[1], float(sys.argv[2]), sys.argv[3], float(sys.argv[4])
with open(path) as file:
    source = file.read()
names = re.search('# threads: (.*)', source).group(1).split(' ')
results = re.search('# results: (.*)', source).group(1).split(',')
module = compile(source, path, 'exec')
packed = marshal.dumps(module)
found = {}
progress = [0, 0]


def copies():
    for _ in range(COPIES):
        space = {'__name__': 'prog'}
        exec(marshal.loads(packed) if heat == 'cold' else module, space)
        yield space


def raised(name, error):
    trace = error.__traceback__
    while trace.tb_next:
        trace = trace.tb_next
    text = ': '.join(filter(None, [type(error).__name__, str(error)]))
    return '%s raised %s (line %d)' % (name, text, trace.tb_lineno)


def go(which, functions, errors, gate):
    gate.wait()
    for at, function in enumerate(functions):
        try:
            function()
        except Exception as error:
            errors[at] = raised(names[which], error)
        progress[which] = at


def batch():
    spaces = list(copies())
    gate = threading.Barrier(2)
    errors = [{}, {}]
    threads = [
        threading.Thread(target=go, args=(i, [space[names[i]] for space in spaces], errors[i], gate), daemon=True)
        for i in (0, 1)
    ]
    for thread in threads:
        thread.start()
    before = None
    for thread in threads:
        thread.join(1)
        while thread.is_alive():
            if before == list(progress):
                return False
            before = list(progress)
            thread.join(1)
    for at, space in enumerate(spaces):
        parts = ['%s = %r' % (path, eval(path, space)) for path in results]
        text = ', '.join(parts + [each[at] for each in errors if at in each])
        found[text] = found.get(text, 0) + 1
    return True


sys.setswitchinterval(interval)
end = time.time() + seconds
while time.time() < end:
    if not batch():
        found['dead-lock'] = 1
        break
print(json.dumps(found), flush=True)
os._exit(0)
