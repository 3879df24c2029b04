// Draws each [data-chart] with uPlot: durations in seconds, over time or by quantile.
'use strict';
(() => {
  const drawn = new Map();

  function colour(name) {
    return getComputedStyle(document.documentElement).getPropertyValue(name).trim();
  }

  const units = [[172800, 86400, 'd'], [7200, 3600, 'h'], [120, 60, 'min'], [1, 1, 's'], [0, 0.001, 'ms']];

  // one unit for a chart, so that its axis has round numbers
  function unitOf(chart) {
    const highest = Math.max(0, ...chart.series.flatMap((one) => one.y).map((value) => Math.abs(value ?? 0)));
    const [, seconds, name] = units.find(([from]) => highest >= from);
    return { seconds, name };
  }

  // UTC in 24 hours, as the rest of the page has it; as fine as the steps of the axis
  function time(seconds, step) {
    const text = new Date(seconds * 1000).toISOString().replace('T', ' ');
    if (step < 1) return text.slice(11, 23);
    if (step < 60) return text.slice(11, 19);
    return step < 86400 ? text.slice(5, 16) : text.slice(0, 10);
  }

  function options(chart, unit, width, height) {
    const isTime = chart.kind === 'time';
    const duration = (value) => value == null ? '–' : Number(value.toPrecision(4)) + ' ' + unit.name;
    const axis = { stroke: colour('--dim'), grid: { stroke: colour('--line'), width: 1 }, ticks: { stroke: colour('--line'), width: 1 } };
    return {
      width,
      height,
      tzDate: (seconds) => uPlot.tzDate(new Date(seconds * 1000), 'Etc/UTC'),
      scales: {
        x: { time: isTime, range: isTime ? undefined : [0, 100] },
        y: { range: (u, low, high) => [Math.min(0, low), high > 0 ? high * 1.1 : 1] },
      },
      axes: [
        { ...axis, space: 100, values: (u, all, i, space, step) => all.map((value) => isTime ? time(value, step) : value + ' %') },
        { ...axis, size: 76, values: (u, all) => all.map(duration) },
      ],
      series: [
        { label: isTime ? 'Time (UTC)' : 'Quantile', value: (u, value) => value == null ? '–' : isTime ? time(value, 1) : value + ' %' },
        ...chart.series.map((one, i) => ({
          label: one.name,
          stroke: colour('--series-' + (i % 6 + 1)),
          width: isTime ? 0 : 2,
          paths: isTime ? () => null : undefined,
          points: { show: true, size: 7, fill: colour('--series-' + (i % 6 + 1)) },
          value: (u, value) => duration(value),
        })),
      ],
    };
  }

  function draw(element) {
    const chart = JSON.parse(element.dataset.chart);
    drawn.get(element)?.destroy();
    const style = getComputedStyle(element);
    const width = element.clientWidth - parseFloat(style.paddingLeft) - parseFloat(style.paddingRight);
    const unit = unitOf(chart);
    const data = [chart.x, ...chart.series.map((one) => one.y.map((value) => value == null ? null : value / unit.seconds))];
    drawn.set(element, new uPlot(options(chart, unit, width, 178), data, element));
  }

  function drawAll() {
    for (const [element, chart] of drawn) {
      if (!element.isConnected) {
        chart.destroy();
        drawn.delete(element);
      }
    }
    document.querySelectorAll('[data-chart]').forEach(draw);
  }

  let waiting = 0;
  addEventListener('resize', () => {
    cancelAnimationFrame(waiting);
    waiting = requestAnimationFrame(drawAll);
  });
  matchMedia('(prefers-color-scheme: dark)').addEventListener('change', drawAll);
  document.addEventListener('DOMContentLoaded', drawAll);
  document.addEventListener('htmx:afterSettle', drawAll);
})();
