# threads: f g
# results: groups
from collections import defaultdict

groups = defaultdict(list)


def f():
    for word in ('ab', 'c'):
        groups[len(word)].append(word)


def g():
    groups[2].append('de')
