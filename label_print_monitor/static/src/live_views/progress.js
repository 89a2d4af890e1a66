/**
 * Labels that come out one by one. Their number comes with the message, so that a list need not be read for each of
 * them; what follows from it (the time left, labels of today) is read together with others, some seconds later.
 */
import { toRaw } from "@odoo/owl";
import { browser } from "@web/core/browser/browser";
import { _t } from "@web/core/l10n/translation";

/** Type of the message with the number of labels printed; see `_send_progress` of print.job.notifier. */
export const PROGRESS = "label_print_monitor/progress";

/** How long what only follows from progress may wait to be read, in milliseconds. */
export const READ_PROGRESS_AFTER = 10_000;

/**
 * @typedef {Object} Progress of a job that prints
 * @property {number} id of the job
 * @property {number} printed labels
 * @property {number} quantity labels
 * @property {number} percent
 */

/**
 * @param {{ jobs: number[][] }} payload of the message
 * @returns {Progress[]}
 */
export function parseProgress({ jobs }) {
    return jobs.map(([id, printed, quantity, percent]) => ({ id, printed, quantity, percent }));
}

/** What a change says beside progress, and the jobs of which it says nothing else. */
export function splitProgress(changes) {
    if (!changes.progressed?.length) {
        return { others: changes, progressed: [] };
    }
    const progressed = new Set(changes.progressed);
    const jobs = changes.jobs.filter((id) => !progressed.has(id));
    return { others: { ...changes, jobs, progressed: [] }, progressed: changes.progressed };
}

/** Jobs to read some time after the first of them has progressed. */
export class ProgressGate {
    /** @param {(ids: number[]) => void} run */
    constructor(run, { after = READ_PROGRESS_AFTER } = {}) {
        this.run = run;
        this.after = after;
        this.ids = new Set();
        this.timer = null;
    }

    push(ids) {
        ids.forEach((id) => this.ids.add(id));
        if (this.ids.size && !this.timer) {
            this.timer = browser.setTimeout(() => {
                const gathered = [...this.ids];
                this.clear();
                this.run(gathered);
            }, this.after);
        }
    }

    /** Forget them: everything is read, or nothing any more. */
    clear() {
        this.ids.clear();
        browser.clearTimeout(this.timer);
        this.timer = null;
    }
}

/** Fields that show progress, and of which job: by the model of the records. */
const SHOWN = {
    "label.print.job": {
        prints: ({ status }) => status === "printing",
        job: (record) => record.resId,
        percent: "progress_percent",
        values: ({ printed, percent }, words) => ({
            current_label: printed,
            progress_percent: percent,
            progress_display: words,
            labels_done_display: words,
        }),
    },
    "printer.configuration": {
        prints: ({ current_job_id: job }) => Boolean(job),
        job: ({ data }) => data.current_job_id?.id,
        percent: "current_progress_percent",
        values: ({ percent }, words) => ({
            current_progress_percent: percent,
            current_progress_display: words,
        }),
    },
};

/** The newest progress that a model was told of, in the records that it shows. */
export class ShownProgress {
    constructor() {
        /** @type {Map<number, { progress: Progress, number: number }>} by job; the messages are numbered */
        this.newest = new Map();
        this.number = 0;
    }

    /**
     * @param {Progress[]} jobs
     * @param {Record[]} records on screen
     * @param {(record: Record, values: Object) => void} takeOver
     */
    take(jobs, records, takeOver) {
        this.number++;
        for (const progress of jobs) {
            this.newest.set(progress.id, { progress, number: this.number });
        }
        const told = new Set(jobs.map(({ id }) => id));
        this._show(records, (id) => told.has(id), takeOver);
    }

    /**
     * After a read: what was told before it began it knows; of what was told since it may know less.
     *
     * @param {number} before `number` as the read began
     * @param {Record[]} records on screen
     * @param {(record: Record, values: Object) => void} takeOver
     */
    takeAgain(before, records, takeOver) {
        for (const [id, { number }] of this.newest) {
            if (number <= before) {
                this.newest.delete(id);
            }
        }
        this._show(records, (id) => this.newest.has(id), takeOver, { onlyMore: true });
    }

    _show(records, isWanted, takeOver, { onlyMore = false } = {}) {
        if (!this.newest.size) {
            return;
        }
        for (const record of records) {
            const shown = SHOWN[record.resModel];
            const data = toRaw(record.data);
            const id = shown?.job(record);
            if (!id || !isWanted(id) || !shown.prints(data)) {
                continue;
            }
            const { progress } = this.newest.get(id);
            if (onlyMore && !(progress.percent > (data[shown.percent] || 0))) {
                continue;
            }
            const { printed: done, quantity: total } = progress;
            const words = _t("%(done)s of %(total)s", { done, total }).toString();
            takeOver(record, shown.values(progress, words));
        }
    }
}
