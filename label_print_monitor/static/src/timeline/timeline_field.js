import { Component } from "@odoo/owl";
import { deserializeDateTime, formatDateTime } from "@web/core/l10n/dates";
import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { standardFieldProps } from "@web/views/fields/standard_field_props";

const LOOKS = {
    pending: { icon: "fa-clock-o", color: "text-muted" },
    sent: { icon: "fa-paper-plane-o", color: "text-info" },
    queued: { icon: "fa-list-ul", color: "text-info" },
    printing: { icon: "fa-print", color: "text-warning" },
    completed: { icon: "fa-check-circle", color: "text-success" },
    completed_with_errors: { icon: "fa-exclamation-circle", color: "text-warning" },
    failed: { icon: "fa-times-circle", color: "text-danger" },
    cancelled: { icon: "fa-ban", color: "text-muted" },
};
const PLAIN_LOOK = { icon: "fa-circle-o", color: "text-muted" };
const OVER = ["completed", "completed_with_errors", "failed", "cancelled"];

/**
 * @param {number} seconds
 * @returns {string} two units at most: nobody reads the seconds of a day
 */
export function formatDuration(seconds) {
    const total = Math.max(0, Math.round(seconds));
    if (total < 60) {
        return _t("%(seconds)s s", { seconds: total });
    }
    const minutes = Math.floor(total / 60);
    if (minutes < 60) {
        return _t("%(minutes)s min %(seconds)s s", { minutes, seconds: total % 60 });
    }
    const hours = Math.floor(minutes / 60);
    if (hours < 24) {
        return _t("%(hours)s h %(minutes)s min", { hours, minutes: minutes % 60 });
    }
    return _t("%(days)s d %(hours)s h", { days: Math.floor(hours / 24), hours: hours % 24 });
}

/** The life of a job, step by step: each status with its time, how long it lasted, and who was behind it. */
export class TimelineField extends Component {
    static template = "label_print_monitor.TimelineField";
    static props = { ...standardFieldProps };

    get steps() {
        const entries = this.props.record.data[this.props.name] || [];
        const selection = this.props.record.fields.status?.selection || [];
        const labels = Object.fromEntries(selection);
        const times = entries.map((entry) => entry.at && deserializeDateTime(entry.at));
        return entries.map((entry, index) => {
            const at = times[index];
            const next = times[index + 1];
            const isOver = OVER.includes(entry.status);
            return {
                key: index,
                label: labels[entry.status] || entry.status || "",
                look: LOOKS[entry.status] || PLAIN_LOOK,
                at: at ? formatDateTime(at) : "",
                lasted:
                    at && next && !isOver
                        ? _t("for %(duration)s", {
                              duration: formatDuration(next.diff(at, "seconds").seconds),
                          })
                        : "",
                isCurrent: index === entries.length - 1 && !isOver,
                who: this.formatUser(entry.user),
                note: entry.note || "",
                attempt: entry.attempt,
                opensAttempt: entry.attempt > 1 && entry.attempt !== entries[index - 1]?.attempt,
            };
        });
    }

    /** @param {string | [number, string] | { display_name: string } | undefined} user */
    formatUser(user) {
        if (Array.isArray(user)) {
            return user[1];
        }
        return user?.display_name || (typeof user === "string" ? user : "");
    }
}

export const timelineField = {
    component: TimelineField,
    displayName: _t("Label print timeline"),
    supportedTypes: ["json"],
    fieldDependencies: [{ name: "status", type: "selection", readonly: true }],
};

registry.category("fields").add("label_print_timeline", timelineField);
