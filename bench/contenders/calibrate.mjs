// How much work takes a µs here.
import { serve } from '../lib/serve.mjs';
import { turnsPerMicrosecond } from '../lib/work.mjs';

serve(turnsPerMicrosecond);
