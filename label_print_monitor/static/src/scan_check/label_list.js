import { pick } from "@web/core/utils/objects";
import { judge } from "./scan_judge";
import { nameLabel } from "./scan_words";

/**
 * The labels of an order as `get_labels` of label.print.scan says them, with what this device has scanned since.
 *
 * Plain functions on plain data: everything that the page shows of the labels follows from the list.
 */
export class LabelList {
    /** @param {Object} page what `get_labels` returns */
    constructor({ order_id, job_id, order, product, products, labels, jobs, gs1 }) {
        Object.assign(this, { order_id, job_id, order, product, jobs, gs1 });
        this.labels = labels.map(([place, lots, box, state, who, when, isOwn]) => {
            const [, productName, barcodes] = products[place];
            return { product: productName, barcodes, lots, box, state, who, when, isOwn };
        });
    }

    /**
     * @returns {import("./scan_judge").Verdict} and takes note of a label that is checked by it; `before`: what was known of
     *      that label
     */
    scan(text, who) {
        const verdict = judge(this.labels, text, this.gs1);
        if (verdict.kind === "checked") {
            const label = this.labels[verdict.place];
            const before = pick(label, "state", "who", "when", "isOwn");
            Object.assign(label, { state: "checked", who, isOwn: true });
            return { ...verdict, before };
        }
        return verdict;
    }

    /** Take back a scan, by the place of its label and what was known of that before. */
    takeBack({ place, before }) {
        const label = this.labels[place];
        if (label?.state === "checked") {
            Object.assign(label, before);
        }
    }

    /** Destroyed labels are on no box. */
    get wanted() {
        return this.labels.filter(({ state }) => state !== "destroyed");
    }

    get checkedCount() {
        return this.labels.filter(({ state }) => state === "checked").length;
    }

    get destroyedCount() {
        return this.labels.length - this.wanted.length;
    }

    /** Whether scanning can tell the labels of this order at all. */
    get hasCodes() {
        return this.labels.some(({ lots, barcodes }) => lots.length || barcodes.length);
    }

    /**
     * What is missing, by code: labels that no code tells apart are one line.
     *
     * @returns {{ name: string, count: number, total: number, isPrinted: boolean }[]}
     */
    get missing() {
        const groups = new Map();
        for (const label of this.wanted) {
            const code = label.lots[0] || label.product;
            const group = groups.get(code) || { total: 0, count: 0, isPrinted: true };
            group.total += 1;
            if (label.state !== "checked") {
                group.label ||= label;
                group.count += 1;
                group.isPrinted &&= label.state === "printed";
            }
            groups.set(code, group);
        }
        return [...groups.values()]
            .filter(({ count }) => count)
            .map(({ label, ...group }) => ({
                ...group,
                name: nameLabel(group.total > 1 ? { ...label, box: 0 } : label),
            }));
    }
}
