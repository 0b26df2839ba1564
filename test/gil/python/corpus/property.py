# threads: f f
# results: o._v
class O:
    def __init__(self):
        self._v = 0

    @property
    def v(self):
        return self._v

    @v.setter
    def v(self, value):
        self._v = value

o = O()

def f():
    o.v += 1
