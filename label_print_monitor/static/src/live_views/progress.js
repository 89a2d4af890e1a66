/**
 * Labels that come out one by one. Their number comes with the message, so that a list need not be read for each of
 * them; what follows from it (such as the time left) is read together with others, some seconds later.
 */
import { toRaw } from "@odoo/owl";
import { browser } from "@web/core/browser/browser";
import { _t } from "@web/core/l10n/translation";
import { user } from "@web/core/user";

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
 * @property {"printing" | "completed"} [status] of one that has another one now
 * @property {number} [printerId]
 * @property {string | false} [reference] of its order, '' without one; false for a test print
 * @property {string | false} [evidence] how it is known that the labels are on paper
 */

/**
 * @param {{ company: number, jobs: number[][], statuses?: Array[] }} payload of the message
 * @returns {Progress[]}
 */
export function parseProgress({ company, jobs, statuses = [] }) {
    // The user may see this company's jobs, and has not switched it on: a page shows none of them.
    if (!user.activeCompanies.some(({ id }) => id === company)) {
        return [];
    }
    return [...jobs, ...statuses].map(
        ([id, printed, quantity, percent, status, printerId, reference, evidence]) => ({
            ...{ id, printed, quantity, percent },
            ...(status ? { status, printerId, reference, evidence } : {}),
        })
    );
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

/** Statuses of jobs that may begin to print. */
const WAITING = ["pending", "sent", "queued"];

/** What a printer's card calls a job, as `_compute_display_name` of label.print.job. */
function nameOf({ id, reference }) {
    const name = reference
        ? _t("Print Job %(id)s (%(reference)s)", { id, reference })
        : _t("Print Job %(id)s", { id });
    return name.toString();
}

function wordsOf({ printed: done, quantity: total }) {
    return _t("%(done)s of %(total)s", { done, total }).toString();
}

/** What is shown of progress in a job's row, null for nothing. */
function valuesOfJob(data, id, newest) {
    const { status } = data;
    const progress = newest.get(id);
    if (!progress) {
        return null;
    }
    const isNew = progress.status && progress.status !== status;
    if (status !== "printing" && !(isNew && WAITING.includes(status))) {
        return null;
    }
    const words = wordsOf(progress);
    const values = {
        current_label: progress.printed,
        progress_percent: progress.percent,
        progress_display: words,
        labels_done_display: words,
    };
    if (progress.status) {
        // So is the server sure: of a job that waits for somebody it sends none.
        Object.assign(values, { status: progress.status, waits_because: false });
        Object.assign(values, { needs_attention: false, attention_message: false });
    }
    if (isNew || (progress.status && data.attention_message)) {
        values.eta_display = false; // until it is read: what stands there is of a job that waits
    }
    if (isNew && progress.status === "completed") {
        const { evidence } = progress;
        Object.assign(values, { evidence, evidence_suffices: true });
        Object.assign(values, { can_cancel: false, is_cancelling: false });
    }
    return values;
}

/** What is shown of progress on a printer's card, null for nothing. */
function valuesOfPrinter(data, printerId, newest) {
    const job = data.current_job_id;
    const known = job && newest.get(job.id);
    const isElsewhere = Boolean(known?.printerId) && known.printerId !== printerId;
    if (job && known?.status !== "completed" && !isElsewhere) {
        return known ? valuesOfCurrent(data, known) : null;
    }
    const next = [...newest.values()]
        .filter((one) => one.printerId === printerId && one.status === "printing")
        .sort((left, right) => left.id - right.id)[0];
    if (next && next.reference !== false) {
        return {
            current_job_id: { id: next.id, display_name: nameOf(next) },
            current_progress_percent: next.percent,
            current_progress_display: wordsOf(next),
            current_labels_printed: next.printed,
            waiting_count: Math.max(0, (data.waiting_count || 0) - 1),
        };
    }
    return known && !isElsewhere ? valuesOfCurrent(data, known) : null;
}

/** Those of the job that the card shows; the labels of today are more by what has come out since. */
function valuesOfCurrent({ labels_today: today, current_labels_printed: before }, progress) {
    const values = {
        current_progress_percent: progress.percent,
        current_progress_display: wordsOf(progress),
    };
    if (today === undefined || before === undefined) {
        return values; // one of them is not on screen
    }
    const printed = Math.max(before, progress.printed);
    return { ...values, current_labels_printed: printed, labels_today: today + printed - before };
}

/** By model of the records: the values that show progress, and the field by which an older message is known. */
const SHOWN = {
    "label.print.job": { values: valuesOfJob, percent: "progress_percent" },
    "printer.configuration": { values: valuesOfPrinter, percent: "current_progress_percent" },
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
            // That it has begun stays known while it goes on.
            this.newest.set(progress.id, { ...this.newest.get(progress.id), ...progress });
        }
        this.show(records);
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
     */
    show(records) {
        if (!this.newest.size) {
            return;
        }
        for (const record of records) {
            const shown = SHOWN[record.resModel];
            const data = toRaw(record.data);
            const values = shown?.values(data, record.resId, this.newest);
            // Another job's labels begin with the first.
            const isOther = values && "current_job_id" in values;
            if (values && (isOther || values[shown.percent] >= (data[shown.percent] || 0))) {
                this.takeOver(record, values);
            }
        }
    }
}
