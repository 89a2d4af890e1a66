import { Component } from "@odoo/owl";
import { deserializeDate, formatDate } from "@web/core/l10n/dates";
import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { standardFieldProps } from "@web/views/fields/standard_field_props";
import { formatDuration } from "../timeline/timeline_field";

/** Parts of a bar from below, with the states whose seconds they add up. */
const PARTS = [
    { name: "ready", states: ["online", "busy"] },
    { name: "down", states: ["attention", "offline"] },
    { name: "unknown", states: ["unknown"] },
];

/**
 * @param {{ day: string, seconds: Record<string, number>, failures: number }} entry
 * @returns what is shown of one day: percentages of the time that was watched, and the same in words
 */
export function describeDay(entry) {
    const sums = PARTS.map(({ name, states }) => ({
        name,
        seconds: states.reduce((sum, state) => sum + (entry.seconds[state] || 0), 0),
    }));
    const total = sums.reduce((sum, part) => sum + part.seconds, 0);
    const words = {
        ready: (duration) => _t("ready %(duration)s", { duration }),
        down: (duration) => _t("not ready %(duration)s", { duration }),
        unknown: (duration) => _t("unknown %(duration)s", { duration }),
    };
    const lines = sums
        .filter((part) => part.seconds)
        .map((part) => words[part.name](formatDuration(part.seconds)));
    if (entry.failures) {
        lines.push(_t("failures: %(count)s", { count: entry.failures }));
    }
    const date = formatDate(deserializeDate(entry.day));
    const said = lines.length ? lines.join(", ") : _t("not watched");
    return {
        key: entry.day,
        date,
        said,
        title: _t("%(date)s: %(state)s", { date, state: said }),
        isTrouble: sums[1].seconds > 0,
        // A minute of a day would not be seen: what has been is at least a twentieth of the bar.
        parts: sums
            .filter((part) => part.seconds)
            .map((part) => ({
                name: part.name,
                height: Math.max(5, (100 * part.seconds) / total),
            })),
    };
}

/** The printer's last thirty days: a bar for each, and the same in words for whoever cannot hover or see them. */
export class PrinterDaysField extends Component {
    static template = "label_print_monitor.PrinterDaysField";
    static props = { ...standardFieldProps };

    get days() {
        return (this.props.record.data[this.props.name] || []).map(describeDay);
    }
}

registry.category("fields").add("label_print_printer_days", {
    component: PrinterDaysField,
    displayName: _t("Days of a printer"),
    supportedTypes: ["json"],
});
