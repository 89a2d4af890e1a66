import { Component } from "@odoo/owl";
import { Domain } from "@web/core/domain";
import { serializeDateTime } from "@web/core/l10n/dates";
import { _t } from "@web/core/l10n/translation";
import { useService } from "@web/core/utils/hooks";
import { formatInteger } from "@web/views/fields/formatters";
import { toRows } from "../label_grid/label_account";

const { DateTime, Info } = luxon;

/** A month as a table: each day with its jobs, its labels and what failed; a press lists the day's jobs. */
export class DayCalendarMonth extends Component {
    static template = "label_print_monitor.DayCalendarMonth";
    static props = { model: Object, "*": true };

    setup() {
        this.action = useService("action");
    }

    get weekdays() {
        const first = this.props.model.firstDayOfWeek || 7; // luxon counts from Monday, 1, to Sunday, 7
        return Array.from({ length: 7 }, (_, place) => {
            const index = (first - 1 + place) % 7;
            return { long: Info.weekdays("long")[index], short: Info.weekdays("short")[index] };
        });
    }

    get weeks() {
        const { model } = this.props;
        const { month } = model.date;
        const dates = [];
        for (let date = model.rangeStart; date < model.rangeEnd; date = date.plus({ days: 1 })) {
            dates.push(this.describe(date, month));
        }
        return toRows(dates, 7).filter((week) => week.some(({ isOther }) => !isOther));
    }

    describe(date, month) {
        const key = date.toISODate();
        const counts = this.props.model.days.get(key);
        const day = {
            key,
            date,
            number: date.day,
            isToday: date.hasSame(DateTime.local(), "day"),
            isOther: date.month !== month,
        };
        if (!counts) {
            return day;
        }
        const jobs = formatInteger(counts.jobs);
        const failed = formatInteger(counts.failed);
        return {
            ...day,
            jobs,
            failed: counts.failed ? failed : "",
            jobsText: counts.jobs === 1 ? _t("1 job") : _t("%(count)s jobs", { count: jobs }),
            labelsText:
                counts.labels === 1
                    ? _t("1 label")
                    : _t("%(count)s labels", { count: formatInteger(counts.labels) }),
            failedText: counts.failed ? _t("%(count)s failed", { count: failed }) : "",
            name: date.toLocaleString(DateTime.DATE_FULL),
        };
    }

    openDay({ date, name }) {
        const { model } = this.props;
        const field = model.fieldMapping.date_start;
        const ofDay = [
            [field, ">=", serializeDateTime(date.startOf("day"))],
            [field, "<", serializeDateTime(date.startOf("day").plus({ days: 1 }))],
        ];
        return this.action.doAction({
            type: "ir.actions.act_window",
            name,
            res_model: model.resModel,
            domain: Domain.and([model.domain, ofDay]).toList(),
            views: [
                [false, "list"],
                [false, "kanban"],
                [false, "form"],
            ],
        });
    }
}
