# threads: f f
# results: x
from typing import Callable

x: int = 0


def twice(func: Callable) -> Callable:
    def inner(*args, **more):
        func(*args, **more)
        return func(*args, **more)

    return inner


@twice
def add(n: int = 1) -> None:
    global x
    x += n


def f():
    add()
