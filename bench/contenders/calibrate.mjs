// How many turns of work take 1 µs on this machine.
import { serve } from '../lib/serve.mjs';
import { turnsPerMicrosecond } from '../lib/work.mjs';

serve(turnsPerMicrosecond);
