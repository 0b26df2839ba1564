// An agent that has one end of a pipe: answers what it receives, until the end.
import { attach, type Connection, EndOfFileError, type Shared } from 'atomics-sync-free/multiprocessing';
import { member } from '../support/member.js';

member<{ end: Shared<Connection<number>>; closes: boolean }>(({ data, tell }) => {
  const end = attach(data.end);
  tell('agent', end.arena.agentId);
  try {
    for (;;) {
      const item = end.recv();
      end.send(item + 1);
      // Its agent lives on, so that only `close` can be the end.
      if (data.closes) end.close();
      if (data.closes) return 'closed';
    }
  } catch (error) {
    if (error instanceof EndOfFileError) return 'the end';
    throw error;
  }
});
