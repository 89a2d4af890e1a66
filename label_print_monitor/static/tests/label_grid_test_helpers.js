import { beforeEach } from "@odoo/hoot";
import {
    defineModels,
    fields,
    models,
    onRpc,
    patchWithCleanup,
} from "@web/../tests/web_test_helpers";

export const STATES = {
    waiting: "Waiting",
    sent: "Sent to printer",
    uncertain: "Uncertain",
    failed: "Failed",
    reported: "Printed, says the print server",
    confirmed: "Confirmed by the printer",
    checked: "Seen on paper",
};

/** What the server computes for a job's Json field. */
export function makeAccount(values) {
    const runs = values.runs || [];
    return {
        quantity: runs.reduce((sum, [count]) => sum + count, 0),
        problems: { paper_out: "Out of labels" },
        copies: {},
        states: STATES,
        ...values,
    };
}

/** @param {number} quantity */
export function makeNames(quantity, { lot = (index) => (index <= 2 ? "LOT-1" : "LOT-2") } = {}) {
    const numbers = Array.from({ length: quantity }, (_, position) => position + 1);
    return { boxes: numbers.map(String), lots: numbers.map(lot) };
}

/** A dialog in which labels are chosen. */
export class LabelPrintRetryWizard extends models.Model {
    _name = "label.print.retry.wizard";

    job_id = fields.Many2one({ relation: "label.print.job" });
    grid = fields.Json();
    chosen = fields.Char();
    on_paper = fields.Char();
    not_on_paper = fields.Char();

    _records = [{ id: 1, job_id: 1 }];
}

/**
 * @param {{ isOnScreen?: boolean }} [options] whether an element that is watched counts as seen
 * @returns {{ setOnScreen: (isOnScreen: boolean) => void }}
 */
export function mockIntersection({ isOnScreen = true } = {}) {
    const observers = new Set();
    const state = { isOnScreen };
    patchWithCleanup(window, {
        IntersectionObserver: class {
            constructor(callback) {
                this.callback = callback;
            }
            observe() {
                observers.add(this);
                this.callback([{ isIntersecting: state.isOnScreen }]);
            }
            disconnect() {
                observers.delete(this);
            }
        },
    });
    return {
        setOnScreen(value) {
            state.isOnScreen = value;
            observers.forEach(({ callback }) => callback([{ isIntersecting: value }]));
        },
    };
}

/** @param {Object} [options] `names` that the server knows of the labels */
export function defineLabelGridModels({ names = makeNames(20) } = {}) {
    defineModels([LabelPrintRetryWizard]);
    beforeEach(() => {
        onRpc("label.print.job", "get_label_names", () => names);
        onRpc("label.print.job", "refresh_label_account", () => true);
    });
}
