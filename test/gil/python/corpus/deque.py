# threads: f g
# results: q
from collections import deque

q = deque([0])

def f():
    q.append(1)

def g():
    q.popleft()
