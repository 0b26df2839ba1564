# threads: f f
# results: seen
def numbers():
    n = 0
    while True:
        n += 1
        yield n


source = numbers()
seen = []


def f():
    seen.append(next(source))
