/** The script of a trace's page: it moves the window of the timeline, by buttons, keys and the wheel. */
export const ZOOM = `
const tracks = document.getElementById('tracks');
const told = document.getElementById('window');
const width = Number(tracks.dataset.width);
const [, , , height] = tracks.getAttribute('viewBox').split(' ').map(Number);
let from = 0;
let span = width;
function show() {
  span = Math.min(Math.max(span, width / 1e6), width);
  from = Math.min(Math.max(from, 0), width - span);
  tracks.setAttribute('viewBox', from + ' 0 ' + span + ' ' + height);
  told.textContent = from.toFixed(3) + ' – ' + (from + span).toFixed(3) + ' ms';
}
function zoom(factor, at = 0.5) {
  from += span * at * (1 - factor);
  span *= factor;
  show();
}
const moves = {
  in: () => zoom(0.5),
  out: () => zoom(2),
  left: () => { from -= span / 4; show(); },
  right: () => { from += span / 4; show(); },
  all: () => { from = 0; span = width; show(); },
};
const keys = { '+': 'in', '=': 'in', '-': 'out', ArrowLeft: 'left', ArrowRight: 'right', 0: 'all' };
for (const button of document.querySelectorAll('[data-zoom]')) button.addEventListener('click', moves[button.dataset.zoom]);
tracks.parentElement.addEventListener('keydown', (event) => {
  const move = event.ctrlKey || event.metaKey ? undefined : moves[keys[event.key]];
  if (!move) return;
  event.preventDefault();
  move();
});
tracks.addEventListener('wheel', (event) => {
  if (!event.ctrlKey) return;
  event.preventDefault();
  const { left, width: pixels } = tracks.getBoundingClientRect();
  zoom(event.deltaY > 0 ? 1.25 : 0.8, (event.clientX - left) / pixels);
}, { passive: false });
show();
`;
