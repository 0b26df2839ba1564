// A worker for the crew's own tests: does what its data says.
import { member } from './member.js';

export type Order = 'add' | 'answer' | 'throw' | 'exit' | 'sleep' | 'sleep unless first' | 'end';

export interface CrewData {
  readonly order: Order;
  readonly memory: Int32Array<SharedArrayBuffer>;
}

member<CrewData>(async ({ index, data: { order, memory }, tell, next }) => {
  switch (order) {
    case 'add':
      for (let i = 0; i < 1000; i++) Atomics.add(memory, 0, 1);
      return index;
    case 'answer':
      tell('other', 'unread');
      tell('question', index);
      return `${await next<string>('answer')} to ${index}`;
    case 'throw':
      tell('about to throw');
      throw new RangeError('out of cheese');
    case 'exit':
      return process.exit(3);
    case 'sleep unless first':
      if (index === 0) return 'awake';
      tell('asleep');
      return Atomics.wait(memory, 0, 0);
    case 'sleep':
      tell('asleep');
      return Atomics.wait(memory, 0, 0);
    case 'end':
      return 'ended';
  }
});
