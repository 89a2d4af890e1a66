import { Component, onWillStart, onWillUnmount, useEffect, useRef } from "@odoo/owl";
import { loadBundle } from "@web/core/assets";
import { cookie } from "@web/core/browser/cookie";
import { getCustomColor } from "@web/core/colors/colors";
import { formatInteger } from "@web/views/fields/formatters";
import { formatRate } from "./day_figures";

/** Draws a figure of `day_figures.js`, and draws it anew when its numbers have changed. */
export class DayChart extends Component {
    static template = "label_print_monitor.DayChart";
    static props = { figure: Object, fontSize: { type: Number, optional: true } };

    setup() {
        this.canvas = useRef("canvas");
        this.chart = null;
        onWillStart(() => loadBundle("web.chartjs_lib"));
        useEffect(
            () => this.draw(),
            () => [JSON.stringify(this.props.figure)]
        );
        onWillUnmount(() => this.chart?.destroy());
    }

    /** The figure as rows of a table: an hour, and for each dataset its value in words. */
    get rows() {
        const { labels, datasets, isShare } = this.props.figure;
        const show = (value) =>
            value === null ? "–" : isShare ? formatRate(value) : formatInteger(value);
        return labels.map((hour, index) => ({
            hour,
            values: datasets.map(({ data }) => show(data[index])),
        }));
    }

    draw() {
        const { labels, datasets } = this.props.figure;
        if (this.chart) {
            this.chart.data.labels = labels;
            datasets.forEach((dataset, index) => {
                this.chart.data.datasets[index].data = dataset.data;
            });
            this.chart.update();
            return;
        }
        this.chart = new Chart(this.canvas.el, {
            type: this.props.figure.type,
            data: { labels, datasets },
            options: this.makeOptions(),
        });
    }

    makeOptions() {
        const { isShare, datasets } = this.props.figure;
        const scheme = cookie.get("color_scheme");
        const color = getCustomColor(scheme, "#374151", "#E4E4E4");
        const grid = { color: getCustomColor(scheme, "rgba(0,0,0,.1)", "rgba(255,255,255,.15)") };
        const tooltip = { mode: "index", intersect: false };
        const y = { stacked: !isShare, beginAtZero: true, grid, ticks: { color, precision: 0 } };
        if (isShare) {
            Object.assign(y, { max: 1, ticks: { color, stepSize: 0.5, callback: formatRate } });
            tooltip.callbacks = { label: ({ raw }) => formatRate(raw) };
        }
        return {
            maintainAspectRatio: false,
            animation: false,
            font: { size: this.props.fontSize || 12 },
            scales: {
                x: { stacked: !isShare, offset: true, grid: { display: false }, ticks: { color } },
                y,
            },
            plugins: {
                legend: { display: datasets.length > 1, position: "bottom", labels: { color } },
                tooltip,
            },
        };
    }
}
