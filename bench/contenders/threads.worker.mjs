// What the workers of threads.mjs load, for every kind.
import { parentPort, workerData } from 'node:worker_threads';

export const nothing = () => {};
export const fails = () => {
  throw new RangeError('it fails');
};
export default nothing;

if (workerData?.once) parentPort.postMessage(undefined);
if (workerData?.messages)
  parentPort.on('message', (name) => {
    try {
      parentPort.postMessage({ value: { nothing, fails }[name]() });
    } catch (error) {
      parentPort.postMessage({ error });
    }
  });
if (workerData?.workerpool) (await import('workerpool')).default.worker({ nothing, fails });
if (workerData?.comlink) {
  const { expose } = await import(new URL('./comlink.mjs', workerData.comlink).href);
  const { default: endpoint } = await import(workerData.comlink);
  expose({ nothing, fails }, endpoint(parentPort));
}
