/**
 * Labels that come out one by one. Their number comes with the message, so that a list need not be read for each of
 * them; what follows from it (such as the time left) is read together with others, some seconds later.
 */
import { toRaw } from "@odoo/owl";
import { browser } from "@web/core/browser/browser";
import { _t } from "@web/core/l10n/translation";

/** Type of the message with the number of labels printed; see `_send_progress` of print.job.notifier. */
export const PROGRESS = "label_print_monitor/progress";

/** How long what only follows from progress waits to be read, in milliseconds. */
export const READ_PROGRESS_AFTER = 10_000;

/** All pages hear of the same label: each waits so much longer at random, so that they do not read together. */
const SPREAD = 2_000;

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
            }, this.after + SPREAD * Math.random());
        }
    }

    /** Forget them: everything is read, or nothing any more. */
    clear() {
        this.ids.clear();
        browser.clearTimeout(this.timer);
        this.timer = null;
    }
}

/** Those of a printer, with what has come out since its percentage was read or shown. */
function labelsToday(
    { labels_today: labels, current_progress_percent: percent },
    printed,
    quantity
) {
    if (labels === undefined || percent === undefined) {
        return {}; // one of them is not on screen
    }
    return { labels_today: labels + printed - Math.round((percent * quantity) / 100) };
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
        values: ({ printed, quantity, percent }, words, data) => ({
            current_progress_percent: percent,
            current_progress_display: words,
            ...labelsToday(data, printed, quantity),
        }),
    },
};

/**
 * The newest progress that a model was told of, for the records that it shows and for those that a read brings.
 *
 * While a job prints its labels only become more. What a slower message or an older read says is passed over by that,
 * until the job changes otherwise (`forget`): then it may begin anew.
 */
export class ShownProgress {
    /** @param {(record: Record, values: Object) => void} takeOver sets values of a record */
    constructor(takeOver) {
        this.takeOver = takeOver;
        /** @type {Map<number, Progress>} by job */
        this.newest = new Map();
    }

    /**
     * @param {Progress[]} jobs
     * @param {Record[]} records on screen
     */
    take(jobs, records) {
        for (const progress of jobs) {
            this.newest.set(progress.id, progress);
        }
        const told = new Set(jobs.map(({ id }) => id));
        this.show(records, (id) => told.has(id));
    }

    /** @param {number[] | null} jobs that have changed otherwise; null for any */
    forget(jobs) {
        if (!jobs) {
            this.newest.clear();
        }
        jobs?.forEach((id) => this.newest.delete(id));
    }

    /**
     * In records that have just been read, too: the read may have begun before the message.
     *
     * @param {Record[]} records
     * @param {(id: number) => boolean} [isWanted] which jobs
     */
    show(records, isWanted = () => true) {
        if (!this.newest.size) {
            return;
        }
        for (const record of records) {
            const shown = SHOWN[record.resModel];
            const data = toRaw(record.data);
            const id = shown?.job(record);
            const progress = isWanted(id) && this.newest.get(id);
            if (!progress || !shown.prints(data) || progress.percent < (data[shown.percent] || 0)) {
                continue;
            }
            const { printed: done, quantity: total } = progress;
            const words = _t("%(done)s of %(total)s", { done, total }).toString();
            this.takeOver(record, shown.values(progress, words, data));
        }
    }
}
