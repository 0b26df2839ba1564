// A module that knows nothing of workers.
export const cube = (x: number): number => x ** 3;
