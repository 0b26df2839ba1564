// The types under all compilers, libs and resolutions, for which npm cit has no time.
import { OTHERS, testTypes } from './types.js';

testTypes(OTHERS);
