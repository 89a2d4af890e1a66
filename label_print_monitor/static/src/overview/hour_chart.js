/* global Chart */
import { Component, onWillStart, onWillUnmount, useEffect, useRef } from "@odoo/owl";
import { loadBundle } from "@web/core/assets";
import { cookie } from "@web/core/browser/cookie";
import { getColor, getCustomColor } from "@web/core/colors/colors";
import { _t } from "@web/core/l10n/translation";

/** Labels per hour of the day as bars, the failed ones on top in another colour and named in the legend. */
export class HourChart extends Component {
    static template = "label_print_monitor.HourChart";
    static props = { hours: Array };

    setup() {
        this.canvas = useRef("canvas");
        this.chart = null;
        onWillStart(() => loadBundle("web.chartjs_lib"));
        useEffect(
            () => this.draw(),
            () => [JSON.stringify(this.props.hours)]
        );
        onWillUnmount(() => this.chart?.destroy());
    }

    get summary() {
        const labels = this.props.hours.reduce((sum, hour) => sum + hour.labels, 0);
        const failed = this.props.hours.reduce((sum, hour) => sum + hour.failed, 0);
        return _t("Bar chart: %(labels)s labels printed today, %(failed)s failed", {
            labels,
            failed,
        });
    }

    /** The first and the last hour that have something, so that a morning fills the width. */
    get shownHours() {
        const { hours } = this.props;
        const isBusy = (hour) => hour.labels || hour.failed;
        const first = hours.findIndex(isBusy);
        const last = hours.findLastIndex(isBusy);
        return first < 0 ? hours : hours.slice(Math.max(0, Math.min(first, last - 7)), last + 1);
    }

    get datasets() {
        const scheme = cookie.get("color_scheme");
        const hours = this.shownHours;
        return [
            {
                label: _t("Printed"),
                data: hours.map((hour) => hour.labels),
                backgroundColor: getColor(1, scheme, "odoo"),
            },
            {
                label: _t("Failed"),
                data: hours.map((hour) => hour.failed),
                backgroundColor: getCustomColor(scheme, "#d44c59", "#e57380"),
            },
        ].map((dataset) => ({
            ...dataset,
            label: String(dataset.label),
            stack: "labels",
            maxBarThickness: 48,
        }));
    }

    draw() {
        const labels = this.shownHours.map((hour) => hour.hour);
        if (this.chart) {
            this.chart.data.labels = labels;
            this.datasets.forEach((dataset, index) => {
                this.chart.data.datasets[index].data = dataset.data;
            });
            this.chart.update();
            return;
        }
        const scheme = cookie.get("color_scheme");
        const color = getCustomColor(scheme, "#374151", "#E4E4E4");
        const grid = { color: getCustomColor(scheme, "rgba(0,0,0,.1)", "rgba(255,255,255,.15)") };
        this.chart = new Chart(this.canvas.el, {
            type: "bar",
            data: { labels, datasets: this.datasets },
            options: {
                maintainAspectRatio: false,
                animation: false,
                scales: {
                    x: { stacked: true, grid: { display: false }, ticks: { color } },
                    y: { stacked: true, beginAtZero: true, grid, ticks: { color, precision: 0 } },
                },
                plugins: {
                    legend: { position: "bottom", labels: { color } },
                    tooltip: { mode: "index" },
                },
            },
        });
    }
}
