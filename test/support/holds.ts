// Property tests with the same cases in every run of the tests, unless the environment asks for others.
import fc from 'fast-check';

/** FC_SEED takes other cases, FC_RUNS times as many. */
const seed = Number(process.env.FC_SEED ?? 3);
const times = Number(process.env.FC_RUNS ?? 1);

export interface HoldsOptions {
  /** How many cases (100). */
  readonly runs?: number;
}

/**
 * Asserts a property for many values; the error shows a smallest value for which it does not hold.
 *
 * @param values - what to try
 * @param property - asserts; may be async
 */
export async function holds<Value>(
  values: fc.Arbitrary<Value>,
  property: (value: Value) => Promise<void> | void,
  { runs = 100 }: HoldsOptions = {},
): Promise<void> {
  await fc.assert(
    fc.asyncProperty(values, async (value) => {
      await property(value);
    }),
    { seed, numRuns: runs * times, includeErrorInReport: true },
  );
}
