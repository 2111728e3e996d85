/** Draws the runs of one scenario beside each other, on the same scales, as an SVG that needs nothing but a browser. */
import type { Point, RunResult } from './run-scenario.ts';
import type { Scenario } from './scenarios.ts';

interface Line {
  readonly label: string;
  readonly color: string;
  readonly of: (point: Point) => number | null;
}

interface Panel {
  readonly title: string;
  readonly lines: readonly Line[];
}

/** Okabe and Ito's palette, which colour-blind people can tell apart. */
const [BLUE, ORANGE, GREEN, RED] = ['#0072b2', '#e69f00', '#009e73', '#d55e00'];

const PANELS: readonly Panel[] = [
  {
    title: 'deliveries and attempts, each second',
    lines: [
      { label: 'received (200)', color: BLUE, of: (point) => point.received },
      { label: 'refused (429, 5xx)', color: RED, of: (point) => point.throttled },
      { label: 'processed', color: GREEN, of: (point) => point.processed },
      { label: 'attempts that rest', color: ORANGE, of: (point) => point.rested },
    ],
  },
  {
    title: 'waiting, webhooks',
    lines: [
      { label: 'at providers', color: RED, of: (point) => point.atProviders },
      { label: 'ready on the queue', color: BLUE, of: (point) => point.queued },
      { label: 'resting (delayed)', color: ORANGE, of: (point) => point.resting },
    ],
  },
  {
    title: 'delay, mean of each step, minutes',
    lines: [
      { label: 'first attempt to 200', color: RED, of: (point) => minutes(point.secondsUntilReceived) },
      { label: '200 to processed', color: GREEN, of: (point) => minutes(point.secondsUntilProcessed) },
      { label: 'change to trail', color: BLUE, of: (point) => minutes(point.auditSeconds) },
    ],
  },
  { title: 'cost so far, USD', lines: [{ label: 'all in', color: BLUE, of: (point) => point.usd }] },
];

const WIDTH = 1120;
const COLUMN = 430;
const LEFT = 90;
const GAP = 100;
const TOP = 78;
const PANEL_HEIGHT = 130;
const PANEL_PITCH = 204;
const HEIGHT = TOP + PANELS.length * PANEL_PITCH + 22;
const TICKS = 4;

export const drawScenario = (scenario: Scenario, results: readonly RunResult[]): string => {
  const parts = PANELS.flatMap((panel, row) => {
    const top = TOP + row * PANEL_PITCH + 40;
    const highest = Math.max(...results.flatMap(({ points }) => points.flatMap((point) => valuesOf(panel, point))));
    const scale = niceScale(highest);
    return results.map((result, column) =>
      drawPanel(panel, result, { left: LEFT + column * (COLUMN + GAP), top, scale, seconds: scenario.drawnSeconds }),
    );
  });
  const heads = results.map(({ run }, column) =>
    text(LEFT + column * (COLUMN + GAP), 62, run.settings.label, 'font-weight="bold" font-size="15"'),
  );
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${HEIGHT}" font-family="DejaVu Sans, Helvetica, Arial, sans-serif" font-size="12" fill="#222">`,
    `<title>${scenario.title}</title>`,
    `<rect width="${WIDTH}" height="${HEIGHT}" fill="#fff"/>`,
    text(LEFT, 32, scenario.title, 'font-size="19" font-weight="bold"'),
    ...heads,
    ...parts,
    text(
      LEFT,
      HEIGHT - 12,
      `Simulated by npm run simulate:peak, seed ${scenario.seed}. Both columns have the same linear scales. Lines end when all is done; a delay needs webhooks to be drawn.`,
      'fill="#555"',
    ),
    '</svg>\n',
  ].join('\n');
};

interface Place {
  readonly left: number;
  readonly top: number;
  readonly scale: { readonly max: number; readonly step: number };
  readonly seconds: number;
}

const drawPanel = (panel: Panel, { points }: RunResult, { left, top, scale, seconds }: Place): string => {
  const x = (second: number): number => left + (second / seconds) * COLUMN;
  const y = (value: number): number => top + PANEL_HEIGHT - (value / scale.max) * PANEL_HEIGHT;
  const bottom = top + PANEL_HEIGHT;
  const unit = seconds > 2 * 3600 ? { seconds: 3600, name: 'hours' } : { seconds: 60, name: 'minutes' };
  const ticks = niceScale(seconds / unit.seconds);
  const horizontal = Array.from({ length: Math.round(scale.max / scale.step) + 1 }, (_, n) => n * scale.step);
  const vertical = Array.from(
    { length: Math.floor(seconds / unit.seconds / ticks.step + 1e-9) + 1 },
    (_, n) => n * ticks.step,
  );
  return [
    text(left, top - 30, panel.title, 'font-weight="bold"'),
    ...panel.lines.map(({ label, color }, n) => legend(left + legendAt(panel, n), top - 12, label, color)),
    ...horizontal.map(
      (value) =>
        `<path d="M${left} ${px(y(value))}H${left + COLUMN}" stroke="#ddd"/>${text(left - 6, y(value) + 4, shortNumber(value), 'text-anchor="end"')}`,
    ),
    ...vertical.map((value) => text(x(value * unit.seconds), bottom + 16, shortNumber(value), 'text-anchor="middle"')),
    text(left + COLUMN, bottom + 30, `${unit.name} since the first webhook`, 'text-anchor="end" fill="#555"'),
    `<path d="M${left} ${top}V${bottom}H${left + COLUMN}" stroke="#555" fill="none"/>`,
    ...panel.lines.map(
      ({ color, of }, n) =>
        `<path d="${path(points, of, x, y)}" stroke="${color}" stroke-width="${n === 0 ? 3.5 : 1.5}" fill="none" stroke-linejoin="round"/>`,
    ),
  ].join('\n');
};

/** Lifts the pen where there is no value. */
const path = (
  points: readonly Point[],
  of: Line['of'],
  x: (second: number) => number,
  y: (value: number) => number,
): string => {
  let isDown = false;
  let drawn = '';
  for (const point of points) {
    const value = of(point);
    if (value !== null) drawn += `${isDown ? 'L' : 'M'}${px(x(point.second))} ${px(y(value))}`;
    isDown = value !== null;
  }
  return drawn;
};

const valuesOf = ({ lines }: Panel, point: Point): number[] => lines.map(({ of }) => of(point) ?? 0);
const minutes = (seconds: number | null): number | null => (seconds === null ? null : seconds / 60);
const px = (value: number): string => value.toFixed(1);
const legendAt = ({ lines }: Panel, index: number): number =>
  lines.slice(0, index).reduce((sum, { label }) => sum + 24 + label.length * 6.4, 0);
const legend = (x: number, y: number, label: string, color: string): string =>
  `<path d="M${px(x)} ${y - 4}h14" stroke="${color}" stroke-width="3"/>${text(x + 18, y, label, 'font-size="11"')}`;
const text = (x: number, y: number, content: string, attributes: string): string =>
  `<text x="${px(x)}" y="${px(y)}" ${attributes}>${content.replaceAll('&', '&amp;').replaceAll('<', '&lt;')}</text>`;

/** Steps of 1, 2 or 5 times a power of ten, from zero to above the highest value. */
const niceScale = (highest: number): { max: number; step: number } => {
  const rough = Math.max(highest, 1e-3) / TICKS;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = power * ([1, 2, 5, 10].find((factor) => factor * power >= rough) ?? 10);
  return { max: step * Math.ceil(Math.max(highest, 1e-3) / step - 1e-9), step };
};

const shortNumber = (value: number): string => {
  const [divisor, suffix] = value >= 1e6 ? [1e6, 'M'] : value >= 1e4 ? [1e3, 'k'] : [1, ''];
  return `${Number((value / divisor).toPrecision(4))}${suffix}`;
};
