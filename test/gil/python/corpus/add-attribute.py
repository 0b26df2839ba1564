# threads: f f
# results: o.v
class O:
    pass

o = O()
o.v = 0

def f():
    o.v += 1
