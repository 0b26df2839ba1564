// What the oldest compiler sees of the types; types.long.ts has the others.
import { FEW, testTypes } from './types.js';

testTypes(FEW);
