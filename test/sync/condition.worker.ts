// A thread that waits for a notification once.
import { attach, type Condition, type Lock, type Shared } from 'atomics-sync-free';
import { member } from '../support/member.js';

export interface ConditionData {
  readonly shared: Shared<{ condition: Condition<Lock> }>;
  readonly timeout: number;
}

member<ConditionData>(({ data, tell }) => {
  const { condition } = attach(data.shared);
  tell('agent', condition.arena.agentId);
  return condition.run(() => condition.wait(data.timeout));
});
