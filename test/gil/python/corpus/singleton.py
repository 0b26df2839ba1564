# threads: f f
# results: made
made = 0
one = None

class Service:
    def __init__(self):
        global made
        made += 1

def f():
    global one
    if one is None:
        one = Service()
