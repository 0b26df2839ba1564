// A worker must report in time, or a Timer raises the alarm, whatever the other threads are doing.
import { Event, isMain, Timer, task } from 'atomics-sync-free/threading';

export const alarm = task(import.meta.url, 'alarm', (who, overdue) => {
  overdue.set();
  return `${who} is overdue`;
});

/** Runs a job under a watchdog; returns what the watchdog said, if it had to. */
function watched(who, ms, job) {
  const overdue = new Event();
  const timer = new Timer(ms, alarm, [who, overdue], { daemon: true });
  timer.start();
  job(overdue);
  timer.cancel(); // does nothing once it has fired
  timer.join();
  return timer.result ?? `${who} was in time`;
}

if (isMain) {
  console.log(watched('the quick one', 60_000, () => {})); // the quick one was in time
  // Main blocks, and the alarm comes all the same.
  console.log(watched('the slow one', 50, (overdue) => overdue.wait())); // the slow one is overdue
}
