// A worker that forgets an arena, and meets it again.
import { attach, type RLock, type Shared } from 'atomics-sync-free';
import { untilCollected } from '../support/garbage.js';
import { member } from '../support/member.js';

export interface IdentityData {
  readonly order: 'forget twice' | 'forget, end';
  readonly shared: Shared<RLock>;
}

member<IdentityData>(async ({ data: { order, shared }, tell }) => {
  const meet = (): { agent: number; member: WeakRef<object> } => {
    const { arena } = attach(structuredClone(shared));
    return { agent: arena.agentId, member: new WeakRef(arena.member) };
  };
  let agent = 0;
  for (let time = 0; time < (order === 'forget twice' ? 3 : 2); time++) {
    const met = meet();
    agent = met.agent;
    tell('joined', agent);
    await untilCollected(() => met.member.deref() === undefined, 'the worker has forgotten the arena');
  }
  // Known again at the end.
  const last = attach(shared);
  if (order === 'forget, end') {
    // Kept until then.
    process.on('exit', () => void last);
    return last.arena.agentId;
  }
  return new Promise(() => setInterval(() => void last, 1000));
});
