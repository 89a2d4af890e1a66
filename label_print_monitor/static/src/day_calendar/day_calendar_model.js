import { deserializeDateTime } from "@web/core/l10n/dates";
import { CalendarModel } from "@web/views/calendar/calendar_model";

const { DateTime } = luxon;
const FAILED = ["failed", "completed_with_errors"];

/**
 * @typedef {Object} Day
 * @property {number} jobs
 * @property {number} labels
 * @property {number} failed jobs that failed, or that lack labels
 */

/** Reads one group for each day and status of the month that is shown, whatever the number of jobs. */
export class DayCalendarModel extends CalendarModel {
    setup() {
        super.setup(...arguments);
        this.data.days = new Map();
    }

    /** @returns {Map<string, Day>} by date, "2026-11-26" */
    get days() {
        return this.data.days;
    }

    get domain() {
        return this.meta.domain;
    }

    async updateData(data) {
        data.range = this.computeRange();
        data.days = await this.loadDays(data);
    }

    async loadDays(data) {
        const day = `${this.fieldMapping.date_start}:day`;
        const groups = await this.orm.formattedReadGroup(
            this.resModel,
            this.computeDomain(data),
            [day, "status"],
            ["__count", "quantity:sum"],
            // The days of the browser, as all times in the list that a day opens.
            { context: { ...this.meta.context, tz: DateTime.local().zoneName } }
        );
        const days = new Map();
        for (const group of groups) {
            const date = deserializeDateTime(group[day][0]).toISODate();
            const { jobs, labels, failed } = days.get(date) || { jobs: 0, labels: 0, failed: 0 };
            days.set(date, {
                jobs: jobs + group.__count,
                labels: labels + group["quantity:sum"],
                failed: failed + (FAILED.includes(group.status) ? group.__count : 0),
            });
        }
        return days;
    }
}
