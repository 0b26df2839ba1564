// The function that the manager's worker is asked to call.
export const add = (value, by) => value + by;
