// Draws each [data-chart] with uPlot: durations in seconds, over time or by quantile.
'use strict';
(() => {
  const drawn = new Map();

  function colour(name) {
    return getComputedStyle(document.documentElement).getPropertyValue(name).trim();
  }

  function duration(seconds) {
    if (seconds == null) return '–';
    const size = Math.abs(seconds);
    if (size === 0) return '0 s';
    if (size < 1) return Number((seconds * 1000).toPrecision(3)) + ' ms';
    if (size < 120) return Number(seconds.toPrecision(3)) + ' s';
    if (size < 7200) return Number((seconds / 60).toPrecision(3)) + ' min';
    if (size < 172800) return Number((seconds / 3600).toPrecision(3)) + ' h';
    return Number((seconds / 86400).toPrecision(3)) + ' d';
  }

  function options(chart, width, height) {
    const isTime = chart.kind === 'time';
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
        { ...axis, values: isTime ? undefined : (u, all) => all.map((value) => value + ' %') },
        { ...axis, size: 76, values: (u, all) => all.map(duration) },
      ],
      series: [
        { label: isTime ? 'Time (UTC)' : 'Quantile', value: isTime ? undefined : (u, value) => value == null ? '–' : value + ' %' },
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
    const data = [chart.x, ...chart.series.map((one) => one.y)];
    drawn.set(element, new uPlot(options(chart, width, 178), data, element));
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
